using LinuxP2V.Agent.Verify;

namespace LinuxP2V.Agent.Tests.Verify;

public sealed class HashToolTests
{
    [Fact]
    public void The_tool_is_chosen_that_keeps_the_slower_end_waiting_least()
    {
        var source = HashTool.Parse(
            "hash b2sum yes 16777216 10.5 10.6\nhash sha256sum no 16777216 10.6 10.9\n"
                + "hash md5sum no 16777216 1 1.01\nhash cksum no 16777216 1 1.001\n"
        );
        var copy = HashTool.Parse(
            "hash b2sum yes 16777216 1.0 1.2\nhash sha256sum yes 16777216 1.2 1.25\nhash cksum yes 16777216 1 1.001\n"
        );

        var choice = HashTool.Choose(source, copy);

        Assert.Equal(("b2sum", true), (choice?.Tool.Name, choice?.Tool.HasZero));
        Assert.Equal(167772160, choice!.Value.Tool.BytesPerSecond, 1);
        Assert.Equal(83886080, choice.Value.RateInCopy, 1);
    }

    [Theory]
    [InlineData("1.19", "sha256sum")]
    [InlineData("1.21", "md5sum")]
    public void A_stronger_hash_is_taken_when_it_is_half_as_fast(string end, string expected)
    {
        var both = HashTool.Parse(
            $"hash sha256sum no 16777216 1 {end}\nhash md5sum no 16777216 1 1.10\n"
                + "hash sha256sum no 16777216 1 3\nhash b2sum no 16777216 1 2"
        );

        Assert.Equal(expected, HashTool.Choose(both, both)?.Tool.Name);
    }

    [Fact]
    public void A_cyclic_sum_is_for_ends_that_have_nothing_better_in_common()
    {
        var source = HashTool.Parse("hash md5sum no 16777216 1 9\nhash cksum no 16777216 1 2\n");

        Assert.Equal("cksum", HashTool.Choose(source, HashTool.Parse("hash b2sum yes 1 1 2\nhash cksum yes 16777216 1 2"))?.Tool.Name);
        Assert.Equal("md5sum", HashTool.Choose(source, HashTool.Parse("hash md5sum yes 1 1 2\nhash cksum yes 16777216 1 2"))?.Tool.Name);
        Assert.Null(HashTool.Choose(source, HashTool.Parse("sh: hash: not found")));
    }

    [Theory]
    [InlineData(100, 7)]
    [InlineData(50, 4)]
    [InlineData(0.001, 1)]
    public void A_sample_is_a_part_in_its_order(double percent, int expected)
    {
        var all = Enumerable.Range(10, 7).ToList();

        var chosen = RandomSample.Of(all, percent, new Random(1));

        Assert.Equal(expected, chosen.Count);
        Assert.Equal(chosen.Order(), chosen);
        Assert.Empty(chosen.Except(all));
    }
}
