using LinuxP2V.Lab.Machines;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>The source that the tests convert: the demo's, with less to copy.</summary>
internal static class TestSource
{
    private const int LargeFileMB = 20;

    public static Task<SourceImage> GetAsync(LabFirmware firmware, Action<string> log) =>
        SourceImage.GetAsync(firmware, log, CancellationToken.None, LargeFileMB);
}
