using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Engine;

/// <summary>A failure with an id that scripts can test for, its cause and its remedy. Its message never holds a secret.</summary>
public sealed class P2VException : Exception
{
    /// <summary>An error that this machine met.</summary>
    public P2VException(string errorId, string cause, string remedy, object? target = null, Exception? innerException = null)
        : base(PlainText.Lines(cause), innerException)
    {
        ErrorId = errorId;
        Remedy = PlainText.Lines(remedy);
        Target = target is string name ? PlainText.Line(name) : target;
    }

    /// <summary>An error that the helper reported.</summary>
    public P2VException(ErrorDescription description, object? target = null)
        : this(description.Id, CauseOf(description), description.Remedy, target) { }

    /// <summary>One of <see cref="ErrorIds"/>.</summary>
    public string ErrorId { get; }

    /// <summary>What the admin does about it.</summary>
    public string Remedy { get; }

    /// <summary>What it is about: a host, a task, a conversion.</summary>
    public object? Target { get; }

    /// <summary>As data, for the conversion's state.</summary>
    public ErrorDescription Describe() =>
        new(ErrorId, Message, Remedy, InnerException is null ? null : PlainText.Lines(InnerException.Message));

    private static string CauseOf(ErrorDescription description) =>
        description.Detail is null ? description.Cause : $"{description.Cause} ({description.Detail})";
}
