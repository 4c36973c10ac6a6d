using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.BootLoaders;

/// <summary>GRUB's environment block beside its menu: the saved entry and, on Red Hat 8, the kernel's options.</summary>
internal static class GrubEnvironment
{
    /// <param name="menu">The menu that loads it.</param>
    public static IReadOnlyDictionary<string, string> Read(GuestTree files, string menu)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = files.TryReadText(menu[..menu.LastIndexOf('/')] + "/grubenv") ?? "";
        foreach (var line in text.Split('\n').Where(line => !line.StartsWith("#", StringComparison.Ordinal)))
        {
            var split = line.IndexOf('=');
            if (split > 0)
                values[line[..split]] = line[(split + 1)..].Replace("\\\\", "\\");
        }

        return values;
    }
}
