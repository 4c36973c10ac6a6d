namespace LinuxP2V.Cmdlets;

/// <summary>A script of the user's that a conversion runs. Plain data: it goes along in the task, and must hold no secret.</summary>
public sealed class P2VHook
{
    internal P2VHook(string name) => Name = name;

    public string Name { get; }

    public P2VHookMoment Moment { get; internal init; }

    /// <summary>A failure is a warning, and the conversion goes on.</summary>
    public bool ContinueOnError { get; internal init; }

    public int TimeoutSec { get; internal init; }

    /// <summary>The script itself, lines ended by LF.</summary>
    public string Script { get; internal init; } = "";

    public override string ToString() => $"{Name} ({Moment})";
}
