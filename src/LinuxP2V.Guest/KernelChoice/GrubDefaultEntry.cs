using System.Text.RegularExpressions;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.KernelChoice;

/// <summary>GRUB with a generated menu: GRUB_DEFAULT names the entry.</summary>
internal sealed class GrubDefaultEntry : DefaultEntry
{
    public static readonly IReadOnlyList<string> Programs = ["grub-mkconfig", "grub2-mkconfig"];

    private const string Settings = "/etc/default/grub";
    private static readonly string[] Menus = ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"];
    private static readonly string[] Environments = ["/boot/grub/grubenv", "/boot/grub2/grubenv"];

    private static readonly Regex DefaultPattern = Setting("GRUB_DEFAULT");
    private static readonly Regex NoSubmenuPattern = Setting("GRUB_DISABLE_SUBMENU");

    public override string? ReadVersion(GuestContext context) =>
        Value(context) is not { } value || value == "0" ? null
        : value != "saved" ? value
        : Environments.Select(context.Files.TryReadText).FirstOrDefault(text => text is not null) is { } text
        && GrubEnvironment.Get(text, "saved_entry") is { Length: > 1 } saved
            ? saved
        : null;

    public override bool TryWrite(GuestContext context, string concern, InstalledKernel kernel)
    {
        // GRUB 1.99 and older give their entries no names.
        var menu = Menus.Select(context.Files.TryReadText).FirstOrDefault(text => text is not null);
        if (context.Devices.Root?.FileSystem.Uuid is not { } uuid || menu?.Contains("menuentry_id_option") == false)
            return false;

        var entry = $"gnulinux-{kernel.Version}-advanced-{uuid}";
        var isFlat = Last(context, NoSubmenuPattern) is "true" or "y" or "yes";
        return TrySet(context, concern, isFlat ? entry : $"gnulinux-advanced-{uuid}>{entry}", kernel);
    }

    /// <summary>The last assignment is the one that counts; null where there is none.</summary>
    public static string? Value(GuestContext context) => Last(context, DefaultPattern);

    public static bool TrySet(GuestContext context, string concern, string value, InstalledKernel kernel)
    {
        var path = Files(context.Files).LastOrDefault(file => DefaultPattern.IsMatch(context.Files.ReadText(file))) ?? Settings;
        if (context.Files.TryReadText(path) is not { } text)
            return false;

        context.Write(
            concern,
            path,
            $"{text.TrimEnd('\n')}\n\n# linuxp2v: the kernel that has the drivers of the virtual machine\nGRUB_DEFAULT=\"{value}\"\n",
            $"starts kernel {kernel.Version}",
            Why
        );
        context.MenuReasons.Add($"it shall start kernel {kernel.Version}");
        return true;
    }

    private static string? Last(GuestContext context, Regex pattern) =>
        Files(context.Files)
            .SelectMany(file => pattern.Matches(context.Files.ReadText(file)).Cast<Match>())
            .LastOrDefault()
            ?.Groups["value"]
            .Value;

    private static IEnumerable<string> Files(GuestTree files) =>
        new[] { Settings }.Where(files.FileExists).Concat(files.Files("/etc/default/grub.d", "*.cfg"));

    private static Regex Setting(string name) =>
        new(
            $"""^[ \t]*(?:export[ \t]+)?{name}=(?<quote>["']?)(?<value>[^\n"'#]*?)\k<quote>[ \t]*(?:#[^\n]*)?\r?$""",
            RegexOptions.CultureInvariant | RegexOptions.Multiline
        );
}
