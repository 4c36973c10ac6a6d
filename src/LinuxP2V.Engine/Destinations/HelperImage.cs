using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations;

/// <summary>Finds the helper ISO: the one named, the one that LINUXP2V_HELPER_IMAGE names, or the module's own.</summary>
public static class HelperImage
{
    /// <summary>The environment variable that names another image.</summary>
    public const string OverrideVariable = "LINUXP2V_HELPER_IMAGE";

    /// <summary>The file's name in the module and on datastores.</summary>
    public const string FileName = "linuxp2v-helper.iso";

    private const string ManifestName = "LinuxP2V.psd1";

    /// <summary>Whoever signs the module signs its manifest, which holds the hash of the image that belongs to it.</summary>
    private static readonly Regex HashInManifest = new(@"^\s*HelperImageHash\s*=\s*'([0-9a-f]{64})'", RegexOptions.Multiline);

    private static readonly ConcurrentDictionary<string, string> Hashes = new();

    /// <summary>The module's own image is compared with the hash that its manifest holds; another one is the user's choice.</summary>
    /// <exception cref="P2VException">HelperImageMissing, HelperImageAltered, FileNotAccessible.</exception>
    public static string Locate(string? explicitPath, string moduleFolder)
    {
        var chosen = explicitPath ?? (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } named ? named : null);
        if (chosen is not null)
            return Require(chosen);

        var own = Require(Path.Combine(moduleFolder, "helper", FileName));
        if (ReadExpectedHash(moduleFolder) is { } expected && ReadHash(own) != expected)
        {
            throw new P2VException(
                ErrorIds.HelperImageAltered,
                $"The helper image {own} is not the one that this module was built with.",
                "Install the module again. A helper image of your own goes beside the module: name it with -HelperImage.",
                own
            );
        }

        return own;
    }

    /// <exception cref="P2VException">HelperImageMissing.</exception>
    public static string Require(string path) =>
        File.Exists(path)
            ? Path.GetFullPath(path)
            : throw new P2VException(
                ErrorIds.HelperImageMissing,
                $"The helper image {path} is not there.",
                "Build it with './build.sh iso', or name an existing one with -HelperImage.",
                path
            );

    /// <summary>SHA-256 of the file, lower-case hex. It is read again only when its length or its time has changed.</summary>
    /// <exception cref="P2VException">FileNotAccessible.</exception>
    public static string ReadHash(string path)
    {
        try
        {
            var file = new FileInfo(path);
            var version = FormattableString.Invariant($"{file.FullName}|{file.Length}|{file.LastWriteTimeUtc.Ticks}");
            return Hashes.GetOrAdd(
                version,
                _ =>
                {
                    using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
                    using var hash = SHA256.Create();
                    return ToText(hash.ComputeHash(content));
                }
            );
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            throw FileFailure.ToError(exception, ErrorIds.FileNotAccessible, path, "read the helper image");
        }
    }

    internal static string ToText(byte[] hash) => string.Concat(hash.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    /// <returns>Null for a module without an image of its own, as in tests.</returns>
    private static string? ReadExpectedHash(string moduleFolder)
    {
        var manifest = Path.Combine(moduleFolder, ManifestName);
        return File.Exists(manifest) && HashInManifest.Match(File.ReadAllText(manifest)) is { Success: true } match
            ? match.Groups[1].Value
            : null;
    }
}
