namespace LinuxP2V.Engine.Planning;

/// <summary>Absolute paths of the source, whatever machine the engine runs on.</summary>
internal static class PosixPath
{
    public static int Depth(string path) => path == "/" ? 0 : path.Count(c => c == '/');

    /// <summary>Whether <paramref name="path"/> is <paramref name="folder"/> or lies below it.</summary>
    public static bool IsWithin(string path, string folder) =>
        folder == "/" || path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>Without double and trailing slashes and dots; null when it is not absolute or climbs up.</summary>
    public static string? Normalize(string path)
    {
        if (path.Length == 0 || path[0] != '/' || path.Contains('\0'))
            return null;

        var parts = path.Split('/').Where(part => part is not ("" or ".")).ToList();
        return parts.Contains("..") ? null : "/" + string.Join("/", parts);
    }
}
