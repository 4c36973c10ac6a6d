using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Initramfs;

/// <summary>What an initramfs holds, from a listing: lsinitramfs prints paths, lsinitrd lines as ls does.</summary>
internal sealed class ImageContent
{
    private readonly HashSet<string> paths;

    private ImageContent(HashSet<string> paths)
    {
        this.paths = paths;
        Modules = paths.Select(InstalledKernel.ModuleName).OfType<string>().ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>With underscores.</summary>
    public IReadOnlySet<string> Modules { get; }

    public bool IsEmpty =>
        !paths.Any(path =>
            path is "init" or "usr/bin/init"
            || path.EndsWith("/systemd", StringComparison.Ordinal)
            || path.StartsWith("scripts/", StringComparison.Ordinal)
        );

    public bool HasProgram(string name) => paths.Any(path => path.EndsWith($"bin/{name}", StringComparison.Ordinal));

    public static ImageContent Parse(string listing)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in listing.Split('\n'))
        {
            // "-rw-r--r--   1 root     root        20480 Jan  1 00:00 usr/lib/x.ko", "… init -> usr/lib/systemd/systemd"
            var text = line.Split(" -> ", 2)[0].Trim();
            var path = text[(text.LastIndexOf(' ') + 1)..];
            if (path.Length > 0)
            {
                paths.Add(path.TrimStart('.', '/'));
            }
        }

        return new ImageContent(paths);
    }
}
