using System.Text;
using LinuxP2V.Agent.Copy.Tar;

namespace LinuxP2V.Agent.Tests.Copy.Tar;

public sealed class TarMeterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("p2v-tar-").FullName;

    [Theory]
    [InlineData("--format=posix", 1)]
    [InlineData("--format=posix", 100_000)]
    [InlineData("--format=gnu", 511)]
    [InlineData("--format=ustar", 4096)]
    public void Names_types_and_sizes_are_those_that_went_in(string format, int piece)
    {
        Shell.Run(
            """
            mkdir tree; cd tree; echo hello > plain; ln plain hard; ln -s plain link
            mkdir folder; printf n > $'new\nline'; head -c 70000 /dev/zero > data
            truncate -s 5M sparse; printf x | dd of=sparse bs=1 seek=3000000 conv=notrunc status=none
            touch -d '2001-02-03 04:05:06.789' plain
            """,
            folder
        );
        var longNames = format == "--format=ustar" ? "" : "; mkdir -p $(printf 'n%.0s' $(seq 1 180)); echo u > $'\\xc3\\xa4\\xff'";
        Shell.Run(
            $"cd tree{longNames}; tar -cf ../archive {format} {(format == "--format=posix" ? "-S" : "")} .; find . "
                + "-printf '%p\\0' > ../names",
            folder
        );
        var seen = new List<(string Name, char Type)>();
        var times = new Dictionary<string, long>();
        var meter = new TarMeter(
            (in TarMember member) =>
            {
                seen.Add((Encoding.Latin1.GetString(member.Name), member.Type));
                times[Encoding.Latin1.GetString(member.Name)] = (long)member.ModifyTime;
            }
        );

        foreach (var bytes in File.ReadAllBytes(Path.Combine(folder, "archive")).Chunk(piece))
            meter.Add(bytes);

        Assert.True(meter.IsComplete);
        Assert.Equal(
            Encoding
                .Latin1.GetString(File.ReadAllBytes(Path.Combine(folder, "names")))
                .Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Order(StringComparer.Ordinal),
            seen.Select(member => member.Name).Order(StringComparer.Ordinal)
        );
        Assert.Equal(seen.Count, meter.Files);
        Assert.Equal('2', seen.Single(member => member.Name == "./link").Type);
        Assert.Equal('5', seen.Single(member => member.Name == "./folder").Type);
        Assert.Equal(format == "--format=posix" ? 981173106_789_000_000 : 981173106_000_000_000, times["./plain"]);
    }

    // .NET cannot name every file in it.
    public void Dispose() => Shell.Run($"rm -r {folder}");
}
