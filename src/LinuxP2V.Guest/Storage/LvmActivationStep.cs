using LinuxP2V.Guest.Kernels;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

/// <summary>
/// The initramfs of initramfs-tools runs LVM's event rule: it marks a complete volume group in /run and activates it.
/// When the initramfs stops udev in between, the mark survives and the group stays off, since the system's own udev
/// takes it for done. On a VM, whose disks come up just then, the boot hangs now and then (lvmteam/lvm2 issue 171). A
/// script that drops the marks once the initramfs' udev is gone lets the system look again: activating twice does no harm.
/// </summary>
internal sealed class LvmActivationStep : IGuestStep
{
    public const string Script = "/etc/initramfs-tools/scripts/init-bottom/linuxp2v-lvm";

    private const string Text = """
        #!/bin/sh
        # By LinuxP2V. Volume groups that were marked as online here, but perhaps not activated before udev was stopped,
        # are looked at again by the system's own udev.
        PREREQ="udev"
        case $1 in prereqs) echo "$PREREQ"; exit 0 ;; esac
        rm -f /run/lvm/vgs_online/*

        """;

    private static readonly string[] Rules =
    [
        "/etc/udev/rules.d/69-lvm.rules",
        "/usr/lib/udev/rules.d/69-lvm.rules",
        "/lib/udev/rules.d/69-lvm.rules",
    ];

    public string Concern => "LvmActivation";

    public void Plan(GuestContext context)
    {
        if (!IsNeeded(context))
            return;

        context.InitramfsInputs.Add(Script);
        context.Write(
            Concern,
            Script,
            Text,
            "added",
            "else a volume group can stay inactive at boot when its disk comes up late in the initramfs",
            isExecutable: true
        );
    }

    private static bool IsNeeded(GuestContext context) =>
        context.Layout.VolumeGroups.Count > 0
        // udev's package brings its script along even where dracut builds the images, which activate by a scan of their own.
        && InitramfsTool.Of(context.Files) == InitramfsToolKind.InitramfsTools
        && context.Files.FileExists("/usr/share/initramfs-tools/scripts/init-bottom/udev")
        && Rules.FirstOrDefault(context.Files.FileExists) is { } rule
        && context.Files.ReadText(rule).Contains("--vgonline");
}
