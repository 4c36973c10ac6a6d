namespace LinuxP2V.Lab.Commands;

/// <summary>What the tests of a suite came to.</summary>
internal readonly record struct TestCounts(long Passed, long Failed, long Skipped)
{
    public long Total => Passed + Failed + Skipped;

    public static TestCounts operator +(TestCounts one, TestCounts other) =>
        new(one.Passed + other.Passed, one.Failed + other.Failed, one.Skipped + other.Skipped);
}
