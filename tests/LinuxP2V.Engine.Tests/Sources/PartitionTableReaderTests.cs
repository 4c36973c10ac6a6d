using LinuxP2V.Engine.Sources.Probing;
using LinuxP2V.Guest.FileSystems;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>The engine's own reader against what sfdisk wrote and says.</summary>
public sealed class PartitionTableReaderTests
{
    private const long MiB = 1L << 20;
    private const int Head = 9 * 4096;

    [Fact]
    public void Gpt_is_read_whole()
    {
        using var disk = Make(
            """
            label: gpt
            label-id: 8E1E3B1C-0A4B-4C7E-9B5B-0F1E2D3C4B5A
            start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649
            size=131072, type=C12A7328-F81F-11D2-BA4B-00C04F79EF93, name="EFI Süd", attrs="LegacyBIOSBootable"
            5 : size=40960, type=E6D6D379-F507-44C2-A23C-238F2A3DF928, uuid=3270F22A-46F9-434E-87C5-F28B5BFAD873
            """
        );

        var table = PartitionTableReader.Read(disk.Read(Head), 512, []);

        Assert.Equal(PartitionTableKind.Gpt, table.Kind);
        Assert.Equal("8e1e3b1c-0a4b-4c7e-9b5b-0f1e2d3c4b5a", table.Identifier);
        Assert.Equal([1, 2, 5], table.Entries.Select(entry => entry.Number));
        Assert.Equal("21686148-6449-6e6f-744e-656564454649", table.Entries[0].Type);
        Assert.Equal(MiB, table.Entries[0].StartBytes);
        Assert.Equal(MiB, table.Entries[0].SizeBytes);
        Assert.Equal("EFI Süd", table.Entries[1].Name);
        Assert.True(table.Entries[1].IsActive);
        Assert.False(table.Entries[0].IsActive);
        Assert.Equal(64 * MiB, table.Entries[1].SizeBytes);
        Assert.Equal("3270f22a-46f9-434e-87c5-f28b5bfad873", table.Entries[2].Uuid);
        Assert.Equal(66 * MiB, table.Entries[2].StartBytes);
    }

    [Fact]
    public void Gpt_of_a_4096_byte_disk_is_read()
    {
        using var disk = new ScratchFile(128 * MiB);
        Command.RunWithInput("g\nn\n1\n\n+64M\nn\n2\n\n+16M\nx\nn\n1\ndata\nn\n2\nmore\nr\nw\n", "fdisk", "-b", "4096", disk.Path);

        var table = PartitionTableReader.Read(disk.Read(Head), 4096, []);

        Assert.Equal(PartitionTableKind.Gpt, table.Kind);
        Assert.Equal(["data", "more"], table.Entries.Select(entry => entry.Name));
        Assert.Equal(64 * MiB, table.Entries[0].SizeBytes);
        Assert.Equal(MiB, table.Entries[0].StartBytes);
    }

    [Fact]
    public void Mbr_with_logical_partitions_agrees_with_sfdisk()
    {
        using var disk = Make(
            "label: dos\nlabel-id: 0xdeadbeef\nsize=20M, type=83, bootable\nsize=10M, type=82\nsize=60M, "
                + "type=5\nstart=100M, size=10M, type=8e\nsize=10M, type=83\nsize=10M, type=fd\nsize=15M, type=82\n"
        );
        // Logical partitions are put into the extended one by their place, as sfdisk orders them.
        var expected = Command
            .Run("sfdisk", "-d", disk.Path)
            .Split('\n')
            .Where(line => line.Contains("start="))
            .Select(line =>
            {
                var numbers = System.Text.RegularExpressions.Regex.Match(line, @"(\d+) : start= *(\d+), size= *(\d+), type=(\w+)");
                return (
                    Number: int.Parse(numbers.Groups[1].Value, null),
                    Start: long.Parse(numbers.Groups[2].Value, null) * 512,
                    Size: long.Parse(numbers.Groups[3].Value, null) * 512,
                    Type: numbers.Groups[4].Value.PadLeft(2, '0'),
                    IsActive: line.Contains("bootable")
                );
            })
            .OrderBy(entry => entry.Number)
            .ToList();
        Assert.Contains(expected, entry => entry.Number == 7);

        var table = PartitionTableReader.Read(disk.Read(Head), 512, WalkExtended(disk));

        Assert.Equal(PartitionTableKind.Mbr, table.Kind);
        Assert.Equal("deadbeef", table.Identifier);
        Assert.Equal(
            expected,
            table
                .Entries.OrderBy(entry => entry.Number)
                .Select(entry => (entry.Number, entry.StartBytes, entry.SizeBytes, entry.Type, entry.IsActive))
        );
        Assert.Equal("deadbeef-05", table.Entries.Single(entry => entry.Number == 5).Uuid);
    }

    [Theory]
    [InlineData("mkfs.vfat", "-F", "32")]
    [InlineData("mkfs.ext4", "-q", "-F")]
    [InlineData("true", "", "")]
    public void Disk_without_a_table_has_none(string tool, string first, string second)
    {
        using var disk = new ScratchFile(64 * MiB);
        Command.Run(tool, [.. new[] { first, second, disk.Path }.Where(argument => argument.Length > 0)]);
        Assert.Equal(PartitionTableKind.None, PartitionTableReader.Read(disk.Read(Head), 512, []).Kind);
    }

    [Fact]
    public void Short_read_is_no_table() => Assert.Equal(PartitionTableKind.None, PartitionTableReader.Read(new byte[100], 512, []).Kind);

    private static ScratchFile Make(string script)
    {
        var disk = new ScratchFile(256 * MiB);
        Command.RunWithInput(script + "\n", "sfdisk", "-q", disk.Path);
        return disk;
    }

    /// <summary>What the probe does on the source.</summary>
    private static List<KeyValuePair<long, byte[]>> WalkExtended(ScratchFile disk)
    {
        var links = new List<KeyValuePair<long, byte[]>>();
        var head = new ByteReader(disk.Read(512));
        var index = Enumerable.Range(0, 4).Single(i => head[446 + (i * 16) + 4] == 5);
        long first = head.UInt32(446 + (index * 16) + 8);
        var at = first;
        while (true)
        {
            var sector = disk.Read(512, at * 512);
            links.Add(new KeyValuePair<long, byte[]>(at, sector));
            var next = new ByteReader(sector).UInt32(470);
            if (next == 0)
                return links;

            at = first + next;
        }
    }
}
