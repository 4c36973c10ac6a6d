using System.Globalization;
using System.Security.Cryptography;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

internal static class ImageHash
{
    /// <summary>SHA-256 of a file, lower-case hex.</summary>
    /// <exception cref="LinuxP2V.Engine.P2VException">FileNotAccessible.</exception>
    public static string Of(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            using var sha = SHA256.Create();
            return string.Concat(sha.ComputeHash(file).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
        }
        catch (Exception e) when (FileFailure.IsOne(e))
        {
            throw FileFailure.ToError(e, ErrorIds.FileNotAccessible, path, "read the helper image");
        }
    }
}
