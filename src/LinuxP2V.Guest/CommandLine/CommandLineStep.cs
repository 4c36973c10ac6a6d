using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.CommandLine;

/// <summary>The kernel's command line wherever boot loaders and kernel packages keep it.</summary>
internal sealed class CommandLineStep : TextStep
{
    public override string Concern => "CommandLine";

    protected override IEnumerable<string> Paths(GuestTree files) =>
        [
            "/etc/default/grub",
            .. files.Files("/etc/default/grub.d", "*.cfg"),
            "/etc/kernel/cmdline",
            "/boot/grub2/grubenv",
            .. files.Files("/boot/loader/entries", "*.conf"),
            .. files.Files("/boot/efi/loader/entries", "*.conf"),
            .. files.Files("/efi/loader/entries", "*.conf"),
        ];

    protected override ChangedText Transform(string path, string text, GuestContext context)
    {
        if (path.StartsWith("/etc/default/", StringComparison.Ordinal))
        {
            return CommandLineFiles.DefaultGrub(text, context.Devices);
        }

        if (path.EndsWith("/grubenv", StringComparison.Ordinal))
        {
            return CommandLineFiles.Environment(text, context.Devices);
        }

        if (path.EndsWith(".conf", StringComparison.Ordinal))
            return CommandLineFiles.Entry(text, context.Devices);

        var line = CommandLineText.Transform(text.Trim(), context.Devices);
        return line with { Text = line.Changes.Count > 0 ? line.Text + "\n" : text };
    }

    protected override void OnChanged(string path, string old, GuestContext context)
    {
        if (path.StartsWith("/etc/default/", StringComparison.Ordinal))
        {
            context.MenuReasons.Add($"{path} changed");
        }
    }
}
