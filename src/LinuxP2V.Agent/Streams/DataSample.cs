using System.Globalization;
using System.Text;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Streams;

/// <summary>Parts of a volume's files, spread evenly over its bytes, and the commands that read them on the source.</summary>
/// <param name="Small">NUL-ended paths of files that are read whole.</param>
/// <param name="Large">NUL-ended pairs of a path and the number of blocks to skip before a part of it.</param>
internal sealed record DataSample(byte[] Small, byte[] Large)
{
    /// <summary>A fiftieth of the data says enough, as reading it takes time from the copy.</summary>
    private const int Share = 50;

    private const int FewestParts = 8;
    private const int MostParts = 64;
    public const int BlockBytes = 65536;
    public const int PartBytes = 1 << 19;

    /// <summary>By one process for many files: a process for each would be all that is measured.</summary>
    public const string ReadSmall = "xargs -0 cat 2>/dev/null";

    public static string ReadLarge { get; } =
        "xargs -0 -n 2 sh -c "
        + PosixShell.Quote(
            string.Create(
                CultureInfo.InvariantCulture,
                $"exec dd if=\"$1\" bs={BlockBytes} skip=\"$2\" count={PartBytes / BlockBytes} 2>/dev/null"
            )
        )
        + " sh";

    /// <summary>Of a device's used blocks.</summary>
    /// <param name="used">Rising, apart from each other.</param>
    public static DataSample Of(string device, IReadOnlyList<ByteRange> used)
    {
        using var large = new MemoryStream();
        var step = Step(used.Sum(range => range.Length));
        var (next, passed) = (step / 2, 0L);
        foreach (var range in used)
        {
            for (; next < passed + range.Length; next += step)
            {
                large.Write(
                    Encoding.UTF8.GetBytes(
                        string.Create(CultureInfo.InvariantCulture, $"{device}\0{(range.Start + next - passed) / BlockBytes}\0")
                    )
                );
            }

            passed += range.Length;
        }

        return new DataSample([], large.ToArray());
    }

    /// <summary>From one part to the next, which it does not overlap: read twice, any data packs to half.</summary>
    public static long Step(long total) => Math.Max(PartBytes, total / Math.Clamp(total / Share / PartBytes, FewestParts, MostParts));
}
