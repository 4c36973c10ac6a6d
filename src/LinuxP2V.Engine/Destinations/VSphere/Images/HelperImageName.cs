namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>An image's name tells its content, so that one that is there already need not be sent again.</summary>
/// <param name="Hash">SHA-256, lower-case hex; the first 16 digits where no more is known.</param>
internal sealed record HelperImageName(string FileName, long Length, string Hash)
{
    public const string Folder = "linuxp2v";
    public const string Pattern = Prefix + "*" + Extension;
    private const string Prefix = "linuxp2v-helper-";
    private const string Extension = ".iso";

    public static HelperImageName Of(string path)
    {
        var hash = HelperImage.ReadHash(path);
        return new HelperImageName($"{Prefix}{hash.Substring(0, 16)}{Extension}", new FileInfo(path).Length, hash);
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
