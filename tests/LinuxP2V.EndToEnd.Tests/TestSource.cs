using LinuxP2V.Lab.Machines;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>The source that the tests convert: the demo's, with less to copy.</summary>
internal static class TestSource
{
    private const int LargeFileMB = 20;

    /// <summary>Both machines are built at once, whichever is wanted first: one after the other would take nearly twice as long.</summary>
    public static async Task<SourceImage> GetAsync(LabFirmware firmware, Action<string> log)
    {
        var images = await Task.WhenAll(
            Enum.GetValues<LabFirmware>().Select(each => SourceImage.GetAsync(each, log, CancellationToken.None, LargeFileMB))
        );
        return images.Single(image => image.Firmware == firmware);
    }
}
