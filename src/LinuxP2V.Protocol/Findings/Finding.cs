using LinuxP2V.Protocol.Text;

namespace LinuxP2V.Protocol.Findings;

/// <summary>What a finding means for the conversion.</summary>
public enum FindingSeverity
{
    /// <summary>Nothing needs to be done.</summary>
    Information,

    /// <summary>The conversion works, but not all will be as the user may expect.</summary>
    Warning,

    /// <summary>The conversion would fail, or its result would not boot.</summary>
    Error,
}

/// <summary>Something that would break or surprise, found before a byte is copied.</summary>
/// <param name="Id">Stable, for scripts: NoRootAccess, UnsupportedFileSystem, …</param>
/// <param name="Subject">The host, device, mount point, file or setting it is about.</param>
/// <param name="What">One sentence with names and numbers.</param>
/// <param name="Remedy">What the admin does about it.</param>
public sealed record Finding(FindingSeverity Severity, string Id, string Subject, string What, string Remedy)
{
    /// <summary>Names of the source are shown as text, whatever characters they hold; so are those in the sentences.</summary>
    public string Subject { get; init; } = PlainText.Line(Subject);

    /// <inheritdoc cref="Finding"/>
    public string What { get; init; } = PlainText.Lines(What);

    /// <inheritdoc cref="Finding"/>
    public string Remedy { get; init; } = PlainText.Lines(Remedy);
}
