using LinuxP2V.Agent.Listing;
using LinuxP2V.Agent.Platform;

namespace LinuxP2V.Agent.Tests.Listing;

public sealed class DataRangesTests
{
    private const string Head =
        "Filesystem type is: ef53\nFile size of ./f is 2199023255552 (536870912 blocks of 4096 bytes)\n"
        + " ext:     logical_offset:        physical_offset: length:   expected: flags:\n";

    [Fact]
    public void Extents_become_whole_units()
    {
        var ranges = DataRanges.Parse(
            Head
                + "   0:        0..       0:      33000..     33000:      1:             unknown_loc,delalloc\n"
                + "   1:       20..      31:      33001..     33012:     12:\n"
                + "   2: 268435456..268435456:     33002..     33002:      1:  268468455: last,eof\n./f: 3 extents found\n",
            2L << 40
        );

        Assert.Equal([new ByteRange(0, 131072), new ByteRange(1L << 40, 65536)], ranges);
    }

    [Fact]
    public void Nothing_goes_beyond_the_files_last_unit() =>
        Assert.Equal([new ByteRange(0, 65536)], DataRanges.Parse(Head + "   0:        0..    1000:      1..     1001:   1001:\n", 100));

    [Fact]
    public void A_file_of_holes_alone_has_none() => Assert.Empty(DataRanges.Parse(Head + "./f: 0 extents found\n", 2L << 40)!);

    [Fact]
    public void So_many_that_they_fit_into_a_command_are_left()
    {
        var text = Head + string.Concat(Enumerable.Range(0, 100_000).Select(i => $" {i}: {i * 1000L}.. {i * 1000L}: 1.. 1: 1:\n"));

        var ranges = DataRanges.Parse(text, 2L << 40)!;

        Assert.InRange(ranges.Count, 1, 1000);
        Assert.All(
            Enumerable.Range(0, 100_000),
            i => Assert.Contains(ranges, range => range.Start <= i * 4096000L && i * 4096000L < range.End)
        );
    }

    [Theory]
    [InlineData("ext logical physical expected length flags\n   0       0    33000              1 eof\n")]
    [InlineData("blocks of 4096 bytes\n   0:        5..       4:      1..     1:      1:\n")]
    [InlineData(
        "blocks of 4096 bytes\n   0:        500..       500:      1..     1:      1:\n   1:        0..       0:      1..     1:      1:\n"
    )]
    [InlineData("blocks of 4096 bytes\n   0:        0..99999999999999999999:      1..     1:      1:\n")]
    [InlineData("")]
    public void What_is_no_map_is_none(string text) => Assert.Null(DataRanges.Parse(text, 1 << 30));
}
