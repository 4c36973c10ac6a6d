using LinuxP2V.Agent.Copy.Blocks;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Tests.Copy.Blocks;

public sealed class BlockMapTests
{
    private const long MiB = 1 << 20;
    private const long Unit = BlockMap.Unit;

    [Fact]
    public void Used_is_what_is_not_free_in_whole_units_and_over_small_gaps()
    {
        var map = BlockMap.FromFree(100 * MiB, [new(50 * MiB, 20 * MiB), new(10 * MiB + 100, 4 * MiB), new(30 * MiB, MiB - 1)]);

        Assert.Equal([new(0, (10 * MiB) + Unit), new(14 * MiB, 36 * MiB), new(70 * MiB, 30 * MiB)], map.Used);
        Assert.Equal((76 * MiB) + Unit, map.UsedBytes);
    }

    [Fact]
    public void Free_space_at_the_end_is_not_read_and_an_odd_end_is()
    {
        Assert.Equal([new(0, 4 * MiB)], BlockMap.FromFree((10 * MiB) + 512, [new(4 * MiB, (6 * MiB) + 512)]).Used);
        Assert.Equal([new(0, (10 * MiB) + 512)], BlockMap.FromFree((10 * MiB) + 512, []).Used);
        Assert.Empty(BlockMap.FromFree(10 * MiB, [new(0, 10 * MiB)]).Used);
    }

    [Fact]
    public void Free_space_that_cannot_be_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => BlockMap.FromFree(10 * MiB, [new(9 * MiB, 2 * MiB)]));
        Assert.Throws<InvalidDataException>(() => BlockMap.FromFree(10 * MiB, [new(MiB, 2 * MiB), new(2 * MiB, MiB)]));
    }

    [Fact]
    public void Parts_cover_the_map_once_and_begin_on_units()
    {
        var map = BlockMap.FromFree((200 * MiB) + 7, [new(20 * MiB, 2 * MiB), new(90 * MiB, 3 * MiB), new(150 * MiB, 40 * MiB)]);

        var parts = map.Split(16 * MiB).ToList();

        Assert.All(parts, part => Assert.InRange(part.Sum(range => range.Length), 1, 16 * MiB));
        Assert.All(parts.SelectMany(part => part), range => Assert.Equal(0, range.Start % Unit));
        Assert.Equal(map.UsedBytes, parts.Sum(part => part.Sum(range => range.Length)));
        Assert.Equal(map.Used.SelectMany(Units), parts.SelectMany(part => part).SelectMany(Units));
    }

    [Fact]
    public void Dumpe2fs_tells_the_free_blocks_of_each_group()
    {
        const string Text = """
            Filesystem features:      has_journal ext_attr
            Block count:              16384
            Free blocks:              5000
            First block:              1
            Block size:               4096

            Group 0: (Blocks 0-8191)
              Free blocks: 256-1279, 4096
            Group 1: (Blocks 8192-16383)
              Free blocks: 
            """;

        var map = FreeSpaceText.Ext(new StringReader(Text));

        Assert.Equal((64 * MiB, 2), (map.FileSystemBytes, map.Used.Count));
        Assert.Equal([new(0, MiB), new(5 * MiB, 59 * MiB)], map.Used);
        Assert.Contains(
            "bigalloc",
            Assert
                .Throws<InvalidDataException>(() =>
                    FreeSpaceText.Ext(new StringReader(Text.Replace("ext_attr", "bigalloc", StringComparison.Ordinal)))
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InvalidDataException>(() => FreeSpaceText.Ext(new StringReader("dumpe2fs: Bad magic number")));
    }

    [Fact]
    public void Xfs_db_tells_the_free_extents_of_each_allocation_group()
    {
        const string Text = """
            blocksize = 4096
            agblocks = 1024
            agcount = 4
            dblocks = 4096
            rblocks = 0
            logstart = 65542
                agno    agbno      len
                   0      256      256
                   2        0      512
               from      to extents  blocks    pct
                  1       1       8       8   0.05
            """;

        var map = FreeSpaceText.Xfs(new StringReader(Text));

        Assert.Equal([new(0, MiB), new(2 * MiB, 6 * MiB), new(10 * MiB, 6 * MiB)], map.Used);
        Assert.Throws<InvalidDataException>(() =>
            FreeSpaceText.Xfs(new StringReader(Text.Replace("rblocks = 0", "rblocks = 9", StringComparison.Ordinal)))
        );
        Assert.Throws<InvalidDataException>(() =>
            FreeSpaceText.Xfs(new StringReader(Text.Replace("logstart = 65542", "logstart = 0", StringComparison.Ordinal)))
        );
    }

    private static IEnumerable<long> Units(ByteRange range)
    {
        for (var at = range.Start; at < range.End; at += Unit)
            yield return at;
    }
}
