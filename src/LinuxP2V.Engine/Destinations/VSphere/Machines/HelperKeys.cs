namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>
/// Names in a VM's extraConfig. Those with guestinfo are seen by the guest. ESXi keeps a guestinfo value over a power-off
/// only if the key stood there before the VM was powered on and was not written by us while it ran: so the announcement
/// has a place from the start, and the settings a second copy that the guest does not see.
/// </summary>
internal static class HelperKeys
{
    public const string Prefix = "linuxp2v.";

    public const string GuestPrefix = "guestinfo.linuxp2v.";

    public const string Settings = GuestPrefix + "settings";

    public const string Announcement = GuestPrefix + "announcement";

    /// <summary>Marks a VM as ours for its whole life.</summary>
    public const string Conversion = Prefix + "conversion";

    public const string SettingsCopy = Prefix + "settings";

    /// <summary>Helper or finished; a VM with another conversion's mark has one too.</summary>
    public const string State = Prefix + "state";

    /// <summary>Written by us when we saw the helper's last message, since the message itself may be lost with the power.</summary>
    public const string FinishSeen = Prefix + "finishSeen";

    /// <summary>TRUE: the finish turns Secure Boot on.</summary>
    public const string SecureBoot = Prefix + "secureBoot";

    /// <summary>With an adapter's number behind it: the MAC address that the finish gives it.</summary>
    public const string MacAddress = Prefix + "macAddress";

    /// <summary>TRUE: the finish leaves the adapters unconnected at the next start.</summary>
    public const string StartDisconnected = Prefix + "startDisconnected";

    /// <summary>TRUE: the task names no host, so that DRS may choose it at each start.</summary>
    public const string HostIsOpen = Prefix + "hostIsOpen";

    /// <summary>The file name of a helper ISO that an admin named: the CD drive with it goes with the finish.</summary>
    public const string Image = Prefix + "image";

    /// <summary>What the finish needs of the task: it goes with the finish.</summary>
    public static bool IsForFinish(string key) =>
        key is SecureBoot or StartDisconnected or Image || key.StartsWith(MacAddress, StringComparison.Ordinal);

    public const string HelperState = "helper";

    public const string FinishedState = "finished";

    /// <summary>An empty value would remove the key.</summary>
    public const string NothingSaid = "{}";
}
