using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

internal sealed class FstabStep : TextStep
{
    public override string Concern => "Fstab";

    protected override IEnumerable<string> Paths(GuestTree files) => ["/etc/fstab"];

    protected override ChangedText Transform(string path, string text, GuestContext context) => FstabText.Transform(text, context.Devices);

    /// <summary>dracut looks for / and /usr in the fstab that it packs; initramfs-tools packs none.</summary>
    protected override void OnChanged(string path, string old, GuestContext context)
    {
        var early = FstabEntry.ParseAll(old).Where(entry => entry.MountPoint is "/" or "/usr");
        if (
            context.Files.Program("dracut") is not null
            && early.Any(entry => context.Devices.Resolve(entry.Spec).State != DeviceState.Kept)
        )
            context.InitramfsInputs.Add(path);
    }
}
