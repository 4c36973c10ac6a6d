using System.Globalization;
using System.Security.Cryptography;

namespace LinuxP2V.Cmdlets.Pipeline;

internal static class ImageHash
{
    /// <summary>SHA-256 of a file, lower-case hex.</summary>
    public static string Of(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var sha = SHA256.Create();
        return string.Concat(sha.ComputeHash(file).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
    }
}
