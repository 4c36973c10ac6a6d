namespace LinuxP2V.Host;

/// <summary>What p2vsh was asked to do. Everything behind a script's path belongs to the script.</summary>
internal sealed record CommandLine
{
    public const string Usage =
        """
        p2vsh [--module <folder>] [-NonInteractive] script.ps1 [-Name value ...]
        p2vsh [--module <folder>] [-NonInteractive] -Command '...'
        p2vsh [--module <folder>]
        Without a script or command it asks for commands. The module is taken from --module, else from a folder LinuxP2V
        beside the program, else from out/LinuxP2V above it.
        """;

    public string? Module { get; private init; }

    public string? Script { get; private init; }

    public string? Command { get; private init; }

    public IReadOnlyList<string> Arguments { get; private init; } = [];

    public bool NonInteractive { get; private init; }

    public bool Help { get; private init; }

    public string? Problem { get; private init; }

    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var line = new CommandLine();
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i].ToLowerInvariant())
            {
                case "--module" or "-module":
                    if (++i == args.Count)
                        return line with { Problem = "--module needs a folder." };
                    line = line with { Module = args[i] };
                    break;
                case "-command" or "-c":
                    return i + 1 == args.Count
                        ? line with { Problem = "-Command needs a command." }
                        : line with { Command = string.Join(' ', args.Skip(i + 1)) };
                case "-noninteractive":
                    line = line with { NonInteractive = true };
                    break;
                case "-help" or "--help" or "-h" or "-?":
                    return line with { Help = true };
                case "-file" or "-f":
                    break;
                default:
                    return args[i].StartsWith('-')
                        ? line with { Problem = $"'{args[i]}' is no option." }
                        : line with { Script = args[i], Arguments = [.. args.Skip(i + 1)] };
            }
        }

        return line;
    }
}
