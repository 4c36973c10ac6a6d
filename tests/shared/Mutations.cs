using System.Diagnostics;
using System.Globalization;

namespace LinuxP2V.Tests.Shared;

/// <summary>
/// Hands a reader of foreign bytes thousands of broken copies of good ones. It may refuse them with the errors that it
/// documents; anything else, a hang and a thirst for memory are defects, which are told with the bytes in base64.
/// </summary>
internal static class Mutations
{
    private const int LargestInput = 1 << 20;
    private const long MostMemory = 1L << 30;

    /// <summary>Of one input, on a busy machine.</summary>
    private static readonly TimeSpan SlowestRead = TimeSpan.FromSeconds(20);

    /// <summary>Texts that readers stumble on.</summary>
    private static readonly byte[][] Stones =
    [
        [0],
        [0xff, 0xff, 0xff, 0xff],
        [0x7f, 0xff, 0xff, 0xff],
        [0x80, 0, 0, 0],
        "\n"u8.ToArray(),
        "\r\n"u8.ToArray(),
        " "u8.ToArray(),
        "\""u8.ToArray(),
        "'"u8.ToArray(),
        "\\"u8.ToArray(),
        "{"u8.ToArray(),
        "}"u8.ToArray(),
        "[[[[[[[["u8.ToArray(),
        "$("u8.ToArray(),
        "-1"u8.ToArray(),
        "0"u8.ToArray(),
        "9223372036854775807"u8.ToArray(),
        "18446744073709551616"u8.ToArray(),
        "99999999999999999999999999999999"u8.ToArray(),
        "1e999"u8.ToArray(),
        "../../etc/passwd"u8.ToArray(),
        "%s%n"u8.ToArray(),
        "\u001b]0;x\u0007"u8.ToArray(),
        "\ufeff"u8.ToArray(),
        "\u202e"u8.ToArray(),
        [0xed, 0xa0, 0x80],
        [0xc0, 0xaf],
    ];

    /// <summary>For each reader; the environment may ask for more.</summary>
    private static TimeSpan Duration { get; } =
        TimeSpan.FromSeconds(
            double.Parse(Environment.GetEnvironmentVariable("LINUXP2V_FUZZ_SECONDS") ?? "15", CultureInfo.InvariantCulture)
        );

    /// <param name="seeds">Good inputs.</param>
    /// <param name="isRefusal">Whether the reader may throw this.</param>
    /// <exception cref="InvalidOperationException">A defect.</exception>
    public static void Run(IReadOnlyList<byte[]> seeds, Action<byte[]> read, Func<Exception, bool> isRefusal)
    {
        // The same each time, so that a defect that was found is found again.
        var random = new Random(20261130);
        var pool = seeds.ToList();
        var clock = Stopwatch.StartNew();
        for (var count = 0; clock.Elapsed < Duration; count++)
        {
            var input = count < seeds.Count ? seeds[count] : Mutate(pool, random);
            try
            {
                Read(read, input);
                // What is taken leads further than what is refused.
                if (count >= seeds.Count && pool.Count < 200 && random.Next(50) == 0)
                    pool.Add(input);
            }
            catch (Exception exception) when (isRefusal(exception)) { }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Input {count} of {input.Length} bytes: {exception}\n{Show(input)}", exception);
            }
        }
    }

    /// <exception cref="TimeoutException">It hangs.</exception>
    /// <exception cref="OutOfMemoryException">It takes more memory than any input is worth.</exception>
    private static void Read(Action<byte[]> read, byte[] input)
    {
        var reading = Task.Run(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            read(input);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        if (Task.WaitAny([reading], SlowestRead) < 0)
            throw new TimeoutException($"It takes more than {SlowestRead.TotalSeconds:0} s.");

        if (reading.GetAwaiter().GetResult() is > MostMemory and var bytes)
            throw new OutOfMemoryException($"It takes {bytes >> 20} MiB.");
    }

    private static string Show(byte[] input) => Convert.ToBase64String(input, 0, Math.Min(input.Length, 100_000));

    private static byte[] Mutate(List<byte[]> pool, Random random)
    {
        var bytes = pool[random.Next(pool.Count)].ToList();
        for (var times = 1 << random.Next(5); times > 0; times--)
            MutateOnce(bytes, pool, random);

        return bytes.Count <= LargestInput ? [.. bytes] : [.. bytes.Take(LargestInput)];
    }

    private static void MutateOnce(List<byte> bytes, List<byte[]> pool, Random random)
    {
        var at = random.Next(bytes.Count + 1);
        var length = Math.Min(1 << random.Next(10), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.InsertRange(at, Stones[random.Next(Stones.Length)]);
                break;
            case 5:
                var stone = Stones[random.Next(Stones.Length)];
                bytes.RemoveRange(at, Math.Min(stone.Length, bytes.Count - at));
                bytes.InsertRange(at, stone);
                break;
            case 6:
                var other = pool[random.Next(pool.Count)];
                var from = random.Next(other.Length + 1);
                bytes.InsertRange(at, other.Skip(from).Take(length + 1));
                break;
            default:
                bytes.RemoveRange(at, random.Next(4) == 0 ? bytes.Count - at : 0);
                break;
        }
    }
}
