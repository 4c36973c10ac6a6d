using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// What a script writes to standard output. A start file of the login shell may print before it, and that would become data:
/// all up to the script's mark is dropped.
/// </summary>
/// <param name="inner">The command's standard output. It is not closed.</param>
internal sealed class ScriptOutput(Stream inner) : ReadOnlyStream
{
    /// <summary>What start files may print; a longer text has no end.</summary>
    private const int LongestGreeting = 1 << 20;

    private static readonly byte[] Mark = "\nlinuxp2v-output\n"u8.ToArray();

    private bool isAtScript;

    /// <summary>A command of sh that ends the greeting. It begins with a line end, as the greeting may have none.</summary>
    public const string MarkCommand = "printf '\\n%s\\n' linuxp2v-output";

    public override int Read(Span<byte> buffer)
    {
        if (isAtScript)
            return inner.Read(buffer);

        var (matched, read) = (0, 0);
        while (matched < Mark.Length)
        {
            if (inner.ReadByte() is not (var value and >= 0))
                return 0;

            (matched, read) = (Next(matched, (byte)value), Count(read));
        }

        isAtScript = true;
        return inner.Read(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (isAtScript)
            return await inner.ReadAsync(buffer, cancellationToken);

        // Byte by byte: nothing of the script's own output may be taken, and the greeting is empty as a rule.
        var one = new byte[1];
        var (matched, read) = (0, 0);
        while (matched < Mark.Length)
        {
            if (await inner.ReadAsync(one, cancellationToken) == 0)
                return 0;

            (matched, read) = (Next(matched, one[0]), Count(read));
        }

        isAtScript = true;
        return await inner.ReadAsync(buffer, cancellationToken);
    }

    /// <summary>How much of the mark has been read after one more byte. Only its first byte is a line end but for its last.</summary>
    private static int Next(int matched, byte value) =>
        value == Mark[matched] ? matched + 1
        : value == Mark[0] ? 1
        : 0;

    private static int Count(int read) =>
        read < LongestGreeting
            ? read + 1
            : throw new IOException($"The login of the source's user printed more than {LongestGreeting >> 20} MB before the script ran.");
}
