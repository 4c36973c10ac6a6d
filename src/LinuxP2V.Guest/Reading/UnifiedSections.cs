using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Images;

namespace LinuxP2V.Guest.Reading;

/// <summary>
/// What was read of a unified kernel image on a running source: its sections of text, as files below the image. The image
/// as a whole is too long to be read.
/// </summary>
internal static class UnifiedSections
{
    /// <returns>Null where nothing of it was read, as of a copy.</returns>
    public static UnifiedKernel? Read(GuestTree files, string image) =>
        files.TryReadText($"{image}/.cmdline") is { } words
            ? new UnifiedKernel(words.Trim('\0', '\n', ' '), files.TryReadText($"{image}/.uname")?.Trim(), null)
            : null;
}
