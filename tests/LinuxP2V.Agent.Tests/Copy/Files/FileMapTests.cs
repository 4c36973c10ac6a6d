using LinuxP2V.Agent.Copy.Files;

namespace LinuxP2V.Agent.Tests.Copy.Files;

public sealed class FileMapTests
{
    private const long Page = 4096;
    private const long Unit = FileMap.Unit;

    [Fact]
    public void Data_is_whole_pages_that_do_not_touch_and_ends_with_the_file()
    {
        var map = FileMap.FromPieces(
            (9 * Page) + 100,
            [new(10, 20), new(Page - 1, 2), new(4 * Page, Page), new(5 * Page, 0), new(8 * Page, Page + 99)]
        );

        Assert.Equal([new(0, 2 * Page), new(4 * Page, Page), new(8 * Page, Page + 100)], map.Within(0, long.MaxValue));
    }

    [Fact]
    public void A_part_has_what_lies_in_it()
    {
        var map = FileMap.FromPieces(100 * Page, [new(0, 10 * Page), new(20 * Page, 10 * Page), new(40 * Page, 10 * Page)]);

        Assert.Equal([new(5 * Page, 5 * Page), new(20 * Page, 5 * Page)], map.Within(5 * Page, 25 * Page));
        Assert.Empty(map.Within(10 * Page, 20 * Page));
        Assert.Empty(FileMap.Whole(0).Within(0, long.MaxValue));
    }

    [Fact]
    public void What_is_read_are_whole_units_and_the_gaps_that_are_too_small_to_leave_out()
    {
        var runs = FileMap.Runs([new(Page, Page), new(2 * Unit, Page), new((5 * Unit) - Page, Page), new(9 * Unit, Unit + 1)]);

        Assert.Equal([new(0, 5 * Unit), new(9 * Unit, 2 * Unit)], runs);
    }

    [Theory]
    [InlineData(0, 101)]
    [InlineData(101, 0)]
    [InlineData(50, long.MaxValue)]
    public void Pieces_beyond_the_file_are_refused(long start, long length) =>
        Assert.Throws<InvalidDataException>(() => FileMap.FromPieces(100, [new(start, length)]));

    [Fact]
    public void Pieces_that_do_not_rise_are_refused() =>
        Assert.Throws<InvalidDataException>(() => FileMap.FromPieces(100, [new(50, 10), new(40, 10)]));
}
