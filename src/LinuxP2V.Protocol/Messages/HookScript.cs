namespace LinuxP2V.Protocol.Messages;

/// <summary>When a script of the admin's runs, and where.</summary>
public enum HookMoment
{
    /// <summary>On the source, before the first pass.</summary>
    BeforeCopy,

    /// <summary>In the copy, confined in the helper, before the copy is made bootable.</summary>
    BeforeReconfiguration,

    /// <summary>In the copy, confined in the helper, after it was made bootable and before the result is judged.</summary>
    AfterReconfiguration,

    /// <summary>On the finished VM, once, when it first starts.</summary>
    FirstBoot,
}

/// <summary>A script of the admin's. It holds no secret of ours and is given none.</summary>
public sealed record HookScript
{
    /// <summary>For people, and a file's name in the copy: letters, digits, points, hyphens and underlines, 64 at most.</summary>
    public required string Name { get; init; }

    /// <summary>When it runs.</summary>
    public required HookMoment Moment { get; init; }

    /// <summary>The script itself, lines ended by LF, 64 KiB at most. Run by sh, unless its first line names another program.</summary>
    public required string Text { get; init; }

    /// <summary>Where it fails: that is a warning, and the work goes on. Else the work ends.</summary>
    public bool ContinueOnError { get; init; }

    /// <summary>It is ended after so many seconds, and has failed.</summary>
    public int TimeoutSeconds
    {
        get;
        // 0 is what an absent member becomes.
        init => field = value == 0 ? DefaultTimeoutSeconds : value;
    } = DefaultTimeoutSeconds;

    /// <summary>Ten minutes.</summary>
    public const int DefaultTimeoutSeconds = 600;

    /// <summary>What the admin is told of it: "hook install-tools".</summary>
    public override string ToString() => $"hook {Name}";

    /// <summary>The program that reads the script, and its argument: of the first line, as the kernel takes it, or sh.</summary>
    public IReadOnlyList<string> Interpreter()
    {
        var line = Text.Split('\n')[0].TrimEnd();
        if (!line.StartsWith("#!", StringComparison.Ordinal) || line.Substring(2).Trim() is not { Length: > 0 } command)
            return ["/bin/sh"];

        var end = command.IndexOfAny([' ', '\t']);
        return end < 0 ? [command] : [command.Substring(0, end), command.Substring(end).Trim()];
    }
}
