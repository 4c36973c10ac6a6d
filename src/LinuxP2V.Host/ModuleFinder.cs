namespace LinuxP2V.Host;

internal static class ModuleFinder
{
    private const string Manifest = "LinuxP2V.psd1";

    /// <param name="given">The module's folder or its manifest; null: look near the program.</param>
    public static string? Find(string? given)
    {
        if (given is not null)
            return ManifestIn(given);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if ((ManifestIn(Path.Combine(folder.FullName, "LinuxP2V")) ?? ManifestIn(Path.Combine(folder.FullName, "out", "LinuxP2V"))) is { } found)
                return found;
        }

        return null;
    }

    private static string? ManifestIn(string path)
    {
        var file = path.EndsWith(".psd1", StringComparison.OrdinalIgnoreCase) ? path : Path.Combine(path, Manifest);
        return File.Exists(file) ? Path.GetFullPath(file) : null;
    }
}
