using System.Security.Cryptography;

namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>An image's name tells its content, so that one that is there already need not be sent again.</summary>
internal sealed record HelperImageName(string FileName, long Length)
{
    public const string Folder = "linuxp2v";

    public static HelperImageName Of(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var hash = SHA256.Create();
        var digest = BitConverter.ToString(hash.ComputeHash(file)).Replace("-", "").ToLowerInvariant();
        return new HelperImageName($"linuxp2v-helper-{digest.Substring(0, 16)}.iso", file.Length);
    }

    public string PathOn(string datastore) => $"[{datastore}] {Folder}/{FileName}";
}
