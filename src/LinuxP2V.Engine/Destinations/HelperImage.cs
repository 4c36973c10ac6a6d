using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations;

/// <summary>Finds the helper ISO: the one named, the one that LINUXP2V_HELPER_IMAGE names, or the module's own.</summary>
public static class HelperImage
{
    /// <summary>The environment variable that names another image.</summary>
    public const string OverrideVariable = "LINUXP2V_HELPER_IMAGE";

    /// <summary>The file's name in the module and on datastores.</summary>
    public const string FileName = "linuxp2v-helper.iso";

    /// <exception cref="P2VException">HelperImageMissing.</exception>
    public static string Locate(string? explicitPath, string moduleFolder)
    {
        var path =
            explicitPath
            ?? (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } chosen ? chosen : null)
            ?? Path.Combine(moduleFolder, "helper", FileName);
        return Require(path);
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
}
