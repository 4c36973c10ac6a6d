using System.Security.Cryptography;

namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>An image's name tells its content, so that one that is there already need not be sent again.</summary>
internal sealed record HelperImageName(string FileName, long Length)
{
    public const string Folder = "linuxp2v";
    public const string Pattern = Prefix + "*" + Extension;
    private const string Prefix = "linuxp2v-helper-";
    private const string Extension = ".iso";

    public static HelperImageName Of(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var hash = SHA256.Create();
        var digest = BitConverter.ToString(hash.ComputeHash(file)).Replace("-", "").ToLowerInvariant();
        return new HelperImageName($"{Prefix}{digest.Substring(0, 16)}{Extension}", file.Length);
    }

    /// <summary>The part of the hash that a file's name tells; null for a file of another name.</summary>
    public static string? HashOf(string fileName) =>
        fileName.StartsWith(Prefix, StringComparison.Ordinal)
        && fileName.EndsWith(Extension, StringComparison.Ordinal)
        && fileName.Length == Prefix.Length + 16 + Extension.Length
            ? fileName.Substring(Prefix.Length, 16)
            : null;

    public string PathOn(string datastore) => $"[{datastore}] {Folder}/{FileName}";
}
