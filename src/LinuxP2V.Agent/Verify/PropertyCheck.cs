using LinuxP2V.Agent.Copy.Flags;
using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Streams;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Verify;

/// <summary>How a script's answers look. Paths come in the order of the list, some of them may be left out.</summary>
internal enum AnswerFormat
{
    /// <summary>Answer, blanks, path, NUL.</summary>
    Records,

    /// <summary>Answer, blanks, path, newline: for paths without one.</summary>
    Lines,

    /// <summary>Path, NUL, answer, NUL.</summary>
    Pairs,

    /// <summary>Blocks as getfattr prints them with -e hex.</summary>
    Attributes,
}

/// <summary>A script that reads a NUL-ended list of paths, ./ before each, and says one thing of every one.</summary>
internal sealed record PathListScript(string Text, AnswerFormat Form);

/// <summary>One thing that is asked of many entries on both ends and must be the same.</summary>
/// <param name="InCopy">Null: the agent reads it itself.</param>
internal sealed record PropertyCheck(DifferenceKind Kind, PathListScript OnSource, PathListScript? InCopy)
{
    private const string DeviceLoop = """for f do printf '%s %s\0' "$(stat -c %t:%T "$f")" "$f"; done""";

    private const string LinkFind = """exec find "$@" -maxdepth 0 -printf '%p\0%l\0'""";

    /// <summary>$(…) eats newlines at the end: the x holds them.</summary>
    private const string LinkLoop =
        """for f do [ -L "$f" ] || continue; t=$(readlink "$f"; echo x); printf '%s\0%s\0' "$f" "${t%??}"; done""";

    private const string AttributeLoop = """
        import os, sys
        out = sys.stdout.buffer
        code = 0
        def quoted(word, odd):
            return b"".join(b"\\%03o" % c if c in odd else bytes((c,)) for c in word)
        for path in sys.stdin.buffer.read().split(b"\0")[:-1]:
            try:
                names = [os.fsencode(n) for n in os.listxattr(path, follow_symlinks=False)]
                lines = [quoted(n, b"=\n\r\\") + b"=0x" + os.getxattr(path, n, follow_symlinks=False).hex().encode() for n in names]
            except OSError as error:
                sys.stderr.write("%s\n" % error)
                code = 123
                continue
            if lines:
                out.write(b"# file: " + quoted(path, b"\n\r\\") + b"\n" + b"\n".join(lines) + b"\n\n")
        out.flush()
        sys.exit(code)
        """;

    /// <param name="areNamesOdd">Some names hold a newline or a backslash: coreutils write them in a form of their own.</param>
    public static PropertyCheck Contents(HashTool tool, bool areNamesOdd)
    {
        var zero = new PathListScript($"exec xargs -0 {tool.Name} -z", AnswerFormat.Records);
        var onSource =
            tool.HasZero ? zero
            : areNamesOdd ? Loop($$"""for f do h=$({{tool.Name}} < "$f") && printf '%s %s\0' "${h%  -}" "$f"; done""", AnswerFormat.Records)
            : new PathListScript($"exec xargs -0 {tool.Name}", AnswerFormat.Lines);
        return new PropertyCheck(DifferenceKind.Content, onSource, zero);
    }

    /// <summary>Of one file alone: its data and where it lies, without its holes.</summary>
    public static PropertyCheck SparseContents(HashTool tool, IReadOnlyList<ByteRange> ranges)
    {
        var loop = Loop(
            $$"""for f do h=$({{DataRanges.Hash(ranges, tool.Name)}}) && printf '%s %s\0' "${h%  -}" "$f"; done""",
            AnswerFormat.Records
        );
        return new PropertyCheck(DifferenceKind.Content, loop, loop);
    }

    public static PropertyCheck LinkTargets(ListingTool lister)
    {
        var find = Loop(LinkFind, AnswerFormat.Pairs);
        return new PropertyCheck(DifferenceKind.LinkTarget, lister == ListingTool.Find ? find : Loop(LinkLoop, AnswerFormat.Pairs), find);
    }

    public static PropertyCheck Devices()
    {
        var loop = Loop(DeviceLoop, AnswerFormat.Records);
        return new PropertyCheck(DifferenceKind.Device, loop, loop);
    }

    public static PropertyCheck AttributesBy(AttributeTool tool) =>
        new(
            DifferenceKind.Attributes,
            new PathListScript(
                tool == AttributeTool.Getfattr
                    ? "exec xargs -0 getfattr -h -d -m - -e hex --absolute-names"
                    : PosixShell.Join("exec", "python3", "-c", AttributeLoop),
                AnswerFormat.Attributes
            ),
            null
        );

    /// <summary>Those that have none are not answered.</summary>
    /// <param name="areNamesOdd">Some names hold a newline.</param>
    public static PropertyCheck Flags(bool areNamesOdd)
    {
        var script = new PathListScript(areNamesOdd ? FlagScripts.NamedOddly : FlagScripts.Named, AnswerFormat.Records);
        return new PropertyCheck(DifferenceKind.Flags, script, script);
    }

    private static PathListScript Loop(string inner, AnswerFormat form) =>
        new(PosixShell.Join("exec", "xargs", "-0", "sh", "-c", inner, "sh"), form);
}

internal enum AttributeTool
{
    Getfattr,
    Python,
}
