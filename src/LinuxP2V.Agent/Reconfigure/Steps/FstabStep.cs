using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

internal sealed class FstabStep : TextStep
{
    public override string Concern => "Fstab";

    protected override IEnumerable<string> Paths(CopyRoot files) => ["/etc/fstab"];

    protected override (string Text, IReadOnlyList<TextChange> Changes) Transform(string path, string text, ReconfigureContext context) =>
        FstabText.Transform(text, context.Devices);

    /// <summary>dracut looks for / and /usr in the fstab that it packs; initramfs-tools packs none.</summary>
    protected override void OnChanged(string path, ReconfigureContext context)
    {
        var early = FstabText.Entries(context.Files.ReadText(path)).Where(entry => entry.MountPoint is "/" or "/usr");
        if (context.Files.Program("dracut") is not null && early.Any(entry => context.Devices.Resolve(entry.Spec).Fate != DeviceFate.Kept))
        {
            context.InitramfsInputs.Add(path);
        }
    }
}
