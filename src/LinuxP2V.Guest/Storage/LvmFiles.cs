using LinuxP2V.Guest.Files;

namespace LinuxP2V.Guest.Storage;

/// <summary>Where LVM's settings stand.</summary>
internal static class LvmFiles
{
    /// <summary>Later ones go before earlier ones. Those of a host tag are named lvm_TAG.conf.</summary>
    public static IReadOnlyList<string> All(GuestTree files) =>
        [
            .. ((string[])["/etc/lvm/lvm.conf", "/etc/lvm/lvmlocal.conf"]).Where(files.FileExists),
            .. files.Files("/etc/lvm", "lvm_*.conf"),
            .. files.Files("/etc/lvm/profile", "*.profile"),
        ];

    public static IEnumerable<LvmSetting> Settings(GuestTree files) =>
        All(files).SelectMany(path => LvmConfiguration.Read(files.ReadText(path)));
}
