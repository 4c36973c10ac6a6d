namespace LinuxP2V.Guest.CommandLine;

/// <summary>Words that name RAID arrays, LUKS and network disks, none of which a layout has.</summary>
internal static class ObsoleteWords
{
    private const string Raid = "the RAID array became a plain disk";
    private const string Luks = "the copy is not encrypted by LUKS";
    private const string Own = "the disks are the VM's own";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["rd.md.uuid"] = Raid,
        ["rd_MD_UUID"] = Raid,
        ["md"] = Raid,
        ["rd.dm.uuid"] = Raid,
        ["rd_DM_UUID"] = Raid,
        ["rd_LUKS_UUID"] = Luks,
        ["rd_LUKS_KEYDEV_UUID"] = Luks,
        ["rd_LUKS_KEYPATH"] = Luks,
        ["cryptdevice"] = Luks,
        ["cryptkey"] = Luks,
        ["cryptopts"] = Luks,
        ["crypto"] = Luks,
        ["crypt_root"] = Luks,
        ["crypt_swap"] = Luks,
        ["root_key"] = Luks,
        ["root_keydev"] = Luks,
        ["netroot"] = Own,
        ["iscsi_firmware"] = Own,
        ["iscsi_initiator"] = Own,
        ["iscsi_target_name"] = Own,
        ["iscsi_target_ip"] = Own,
        ["nbdroot"] = Own,
        ["nfsroot"] = Own,
        ["fcoe"] = Own,
        ["rd.nvmf.discover"] = Own,
        ["rd.nvmf.hostnqn"] = Own,
        ["rd.nvmf.hostid"] = Own,
        ["BOOTIF"] = "the VM has other adapters",
    };

    /// <summary>What follows the dots of rd.luks. and luks. and is not a switch.</summary>
    private static readonly HashSet<string> LuksSettings = new(StringComparer.Ordinal)
    {
        "uuid",
        "partuuid",
        "serial",
        "name",
        "options",
        "key",
        "data",
        "header",
        "keydev",
        "keypath",
        "timeout",
        "allow-discards",
    };

    /// <returns>Why the word goes; null for one that stays or is judged otherwise.</returns>
    public static string? WhyGone(string name, string? value)
    {
        if (
            Names.TryGetValue(
                name.ToLowerInvariant() is "iscsi_initiator" or "iscsi_target_name" or "iscsi_target_ip" ? name.ToLowerInvariant() : name,
                out var why
            )
        )
            return why;

        if (name.StartsWith("rd.iscsi.", StringComparison.Ordinal))
            return Own;

        // rd.luks=0 switches LUKS off and stays.
        var luks = name.StartsWith("rd.luks.", StringComparison.Ordinal) ? name["rd.luks.".Length..] : null;
        luks ??= name.StartsWith("luks.", StringComparison.Ordinal) ? name["luks.".Length..] : null;
        if (luks is not null && LuksSettings.Contains(luks))
            return Luks;

        return name == "rd.multipath" && value is not "0" and not "no" ? "the VM's disks have one path each"
            : name == "ip" && value is "ibft" ? Own
            : null;
    }
}
