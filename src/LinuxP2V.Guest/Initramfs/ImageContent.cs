using LinuxP2V.Guest.Kernels;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>What an initramfs holds, from a listing: lsinitramfs prints paths, lsinitrd lines as ls does.</summary>
public sealed class ImageContent
{
    private readonly HashSet<string> paths;

    private ImageContent(HashSet<string> paths)
    {
        this.paths = paths;
        Modules = new HashSet<string>(paths.Select(InstalledKernel.ModuleName).OfType<string>(), StringComparer.Ordinal);
    }

    /// <summary>With underscores.</summary>
    public IReadOnlyCollection<string> Modules { get; }

    public bool IsEmpty =>
        !paths.Any(path =>
            path is "init" or "usr/bin/init"
            || path.EndsWith("/systemd", StringComparison.Ordinal)
            || path.StartsWith("scripts/", StringComparison.Ordinal)
        );

    public bool HasProgram(string name) => paths.Any(path => path.EndsWith($"bin/{name}", StringComparison.Ordinal));

    /// <summary>Names of modules and programs that the VM needs and that are not in the image.</summary>
    public IReadOnlyList<string> Missing(InitramfsBuild build) =>
        [.. build.Modules.Where(module => !Modules.Contains(module)), .. build.Programs.Where(program => !HasProgram(program))];

    public static ImageContent Parse(string listing)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in listing.Split('\n'))
        {
            // "-rw-r--r--   1 root     root        20480 Jan  1 00:00 usr/lib/x.ko", "… init -> usr/lib/systemd/systemd"
            var text = line.Split([" -> "], 2, StringSplitOptions.None)[0].Trim();
            var path = text[(text.LastIndexOf(' ') + 1)..];
            if (path.Length > 0)
            {
                paths.Add(path.TrimStart('.', '/'));
            }
        }

        return new ImageContent(paths);
    }
}
