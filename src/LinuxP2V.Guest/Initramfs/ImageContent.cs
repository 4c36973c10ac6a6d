using LinuxP2V.Guest.Images;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Modprobe;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Initramfs;

/// <summary>What an initramfs holds, and whether the VM starts with it.</summary>
public sealed class ImageContent
{
    /// <summary>Of two files of one name the one of the folder that comes first counts.</summary>
    private static readonly string[] RuleFolders = ["etc/modprobe.d/", "run/modprobe.d/", "usr/lib/modprobe.d/", "lib/modprobe.d/"];

    private readonly IReadOnlyCollection<string> paths;
    private readonly IReadOnlyDictionary<string, string> texts;

    /// <param name="files">Of all images that are loaded together, one behind the other.</param>
    public ImageContent(params InitramfsFiles[] files)
    {
        paths = new HashSet<string>(files.SelectMany(file => file.Paths), StringComparer.Ordinal);
        texts = files
            .SelectMany(file => file.Texts)
            .GroupBy(entry => entry.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal);
        Modules = new HashSet<string>(paths.Select(InstalledKernel.ModuleName).OfType<string>(), StringComparer.Ordinal);
    }

    /// <summary>With underscores.</summary>
    public IReadOnlyCollection<string> Modules { get; }

    /// <summary>There is nothing in it that a kernel could start.</summary>
    public bool IsEmpty =>
        !paths.Any(path =>
            path is "init" or "usr/bin/init"
            || path.EndsWith("/systemd", StringComparison.Ordinal)
            || path.StartsWith("scripts/", StringComparison.Ordinal)
        );

    /// <summary>Whether a file decides what the image loads and looks for, so that its text is wanted.</summary>
    /// <param name="path">In the image, without a slash at the start.</param>
    public static bool IsSetting(string path) => IsRule(path) || ImageSettings.IsSetting(path);

    public bool HasProgram(string name) => paths.Any(path => path.EndsWith($"bin/{name}", StringComparison.Ordinal));

    /// <summary>
    /// Names of modules and programs that the VM needs and that are not in the image, or that the image does not let
    /// load.
    /// </summary>
    public IReadOnlyList<string> Missing(IReadOnlyCollection<string> modules, IReadOnlyCollection<string> programs) =>
        [
            .. modules.Where(module => !Modules.Contains(module)),
            .. programs.Where(program => !HasProgram(program)),
            .. Blocked(modules).Select(module => $"{module} (a modprobe rule in it keeps it from loading)"),
        ];

    /// <summary>
    /// Settings in it that name what the VM does not have. An image that was made for one machine carries copies of its
    /// configuration, and a command line of its own.
    /// </summary>
    public IReadOnlyList<StaleSetting> Stale(GuestTarget target) => [.. new ImageSettings(target).Stale(paths, texts)];

    private IEnumerable<string> Blocked(IReadOnlyCollection<string> modules) =>
        texts
            .Where(entry => IsRule(entry.Key))
            .GroupBy(entry => entry.Key[(entry.Key.LastIndexOf('/') + 1)..], StringComparer.Ordinal)
            .Select(rules => rules.OrderBy(rule => Array.FindIndex(RuleFolders, rule.Key.StartsWith)).First())
            .SelectMany(rule => ModprobeText.BlockedBy(rule.Value, modules))
            .Where(Modules.Contains)
            .Distinct();

    private static bool IsRule(string path) =>
        path == "etc/modprobe.conf"
        || (
            path.EndsWith(".conf", StringComparison.Ordinal) && RuleFolders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal))
        );
}
