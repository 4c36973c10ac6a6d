using LinuxP2V.Agent.Streams;

namespace LinuxP2V.Agent.Tests.Streams;

public sealed class StreamTunerTests
{
    [Theory]
    [InlineData(1, 16, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(64, 32, 4)]
    [InlineData(0, 2, 1)]
    public void It_begins_with_what_the_weaker_end_has(int source, int own, int expected) =>
        Assert.Equal(expected, StreamTuner.FirstCount(source, own));

    [Fact]
    public void Streams_are_added_while_the_rate_rises_by_a_tenth()
    {
        var tuner = new StreamTuner(2);
        foreach (var (rate, expected) in new[] { (100.0, 3), (130.0, 4), (145.0, 5), (150.0, 4) })
        {
            tuner.Observe(rate);
            Assert.Equal(expected, tuner.Count);
        }

        Assert.True(tuner.IsDone);
        tuner.Observe(1000);
        Assert.Equal(4, tuner.Count);
    }

    [Fact]
    public void There_is_an_end_to_it()
    {
        var tuner = new StreamTuner(1);
        for (var rate = 100.0; !tuner.IsDone; rate *= 2)
            tuner.Observe(rate);

        Assert.Equal(StreamTuner.Most, tuner.Count);
    }

    [Fact]
    public void A_while_without_data_tells_nothing()
    {
        var tuner = new StreamTuner(2);
        tuner.Observe(0);
        Assert.Equal((2, false), (tuner.Count, tuner.IsDone));
    }
}
