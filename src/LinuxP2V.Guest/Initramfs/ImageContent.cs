using LinuxP2V.Guest.CommandLine;
using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Modprobe;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>What an initramfs holds, from a listing: lsinitramfs and lsinitcpio print paths, lsinitrd lines as ls does.</summary>
public sealed class ImageContent
{
    private static readonly string[] RuleFolders = ["etc/modprobe.d/", "usr/lib/modprobe.d/", "lib/modprobe.d/"];

    private const string CommandLineFolder = "etc/cmdline.d/";

    private readonly HashSet<string> paths;
    private readonly IReadOnlyDictionary<string, string> texts;

    private ImageContent(HashSet<string> paths, IReadOnlyDictionary<string, string> texts)
    {
        this.paths = paths;
        this.texts = texts;
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

    /// <summary>Paths of the files in it that decide what the image loads and looks for. A listing does not tell their text.</summary>
    public IReadOnlyList<string> SettingFiles =>
        [.. paths.Where(path => IsRule(path) || IsCommandLine(path)).OrderBy(path => path, StringComparer.Ordinal)];

    /// <summary>
    /// dracut writes a command line of its own into an image that is made for one machine: words in it that name what the
    /// VM does not have. Empty where its files were not read.
    /// </summary>
    public IReadOnlyList<TextChange> StaleCommandLine(DeviceMap devices) =>
        [
            .. texts
                .Where(entry => IsCommandLine(entry.Key))
                .SelectMany(entry => CommandLineText.Transform(entry.Value.Trim(), devices).Changes),
        ];

    /// <param name="texts">Of <see cref="SettingFiles"/>, as far as they can be read.</param>
    public ImageContent WithTexts(IReadOnlyDictionary<string, string> texts) => new(paths, texts);

    public bool HasProgram(string name) => paths.Any(path => path.EndsWith($"bin/{name}", StringComparison.Ordinal));

    /// <summary>
    /// Names of modules and programs that the VM needs and that are not in the image, or that the image does not let
    /// load.
    /// </summary>
    public IReadOnlyList<string> Missing(InitramfsBuild build) =>
        [
            .. build.Modules.Where(module => !Modules.Contains(module)),
            .. build.Programs.Where(program => !HasProgram(program)),
            .. Blocked(build.Modules).Select(module => $"{module} (a modprobe rule in it keeps it from loading)"),
        ];

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

        return new ImageContent(paths, new Dictionary<string, string>());
    }

    private IEnumerable<string> Blocked(IReadOnlyCollection<string> modules) =>
        texts
            .Where(entry => IsRule(entry.Key))
            .SelectMany(entry => ModprobeText.BlockedBy(entry.Value, modules))
            .Where(Modules.Contains)
            .Distinct();

    private static bool IsRule(string path) =>
        path == "etc/modprobe.conf"
        || (
            path.EndsWith(".conf", StringComparison.Ordinal) && RuleFolders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal))
        );

    private static bool IsCommandLine(string path) =>
        path.StartsWith(CommandLineFolder, StringComparison.Ordinal) && path.EndsWith(".conf", StringComparison.Ordinal);
}
