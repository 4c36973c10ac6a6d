using LinuxP2V.Lab.Machines;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>The sources that the tests convert: the lab's recipes, with less to copy than the demo has.</summary>
internal static class TestSource
{
    private const int LargeFileMB = 20;

    /// <param name="machine">The name of a recipe.</param>
    public static Task<SourceImage> GetAsync(string machine, Action<string> log) =>
        SourceImage.GetAsync(machine, log, CancellationToken.None, LargeFileMB);
}
