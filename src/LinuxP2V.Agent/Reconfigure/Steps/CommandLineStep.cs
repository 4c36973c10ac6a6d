using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>The kernel's command line wherever boot loaders and kernel packages keep it.</summary>
internal sealed class CommandLineStep : TextStep
{
    public override string Concern => "CommandLine";

    protected override IEnumerable<string> Paths(CopyRoot files) =>
        [
            "/etc/default/grub",
            .. files.Files("/etc/default/grub.d", "*.cfg"),
            "/etc/kernel/cmdline",
            "/boot/grub2/grubenv",
            .. files.Files("/boot/loader/entries", "*.conf"),
            .. files.Files("/boot/efi/loader/entries", "*.conf"),
            .. files.Files("/efi/loader/entries", "*.conf"),
        ];

    protected override (string Text, IReadOnlyList<TextChange> Changes) Transform(string path, string text, ReconfigureContext context)
    {
        if (path.StartsWith("/etc/default/", StringComparison.Ordinal))
        {
            return CommandLineFiles.DefaultGrub(text, context.Devices);
        }

        if (path.EndsWith("/grubenv", StringComparison.Ordinal))
        {
            return CommandLineFiles.Environment(text, context.Devices);
        }

        return path.EndsWith(".conf", StringComparison.Ordinal) ? CommandLineFiles.Entry(text, context.Devices)
            : CommandLineText.Transform(text.Trim(), context.Devices) is var (line, changes) && changes.Count > 0 ? (line + "\n", changes)
            : (text, []);
    }

    protected override void OnChanged(string path, ReconfigureContext context)
    {
        if (path.StartsWith("/etc/default/", StringComparison.Ordinal))
        {
            context.MenuReasons.Add($"{path} changed");
        }
    }
}
