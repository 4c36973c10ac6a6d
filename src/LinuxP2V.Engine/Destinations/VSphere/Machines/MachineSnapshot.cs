using System.Text.Json;
using System.Xml.Linq;
using LinuxP2V.Engine.Destinations.VSphere.Vim;
using LinuxP2V.Protocol;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations.VSphere.Machines;

/// <summary>The state of a VM at one moment.</summary>
internal sealed class MachineSnapshot(ObjectProperties properties)
{
    public static readonly string[] Paths =
    [
        "name",
        "config.extraConfig",
        "config.hardware.device",
        "config.files.vmPathName",
        "config.bootOptions",
        "runtime.powerState",
        "runtime.host",
        "runtime.bootTime",
        "runtime.question",
        "runtime.consolidationNeeded",
        "snapshot",
        "guest.ipAddress",
    ];

    public static readonly string[] HelperPaths =
    [
        "config.extraConfig",
        "runtime.powerState",
        "runtime.bootTime",
        "runtime.question",
        "guest.ipAddress",
    ];

    public ManagedObject Object => properties.Object;

    public string Name => properties["name"]?.Value ?? Object.Value;

    public ManagedObject? Host => properties["runtime.host"].AsReference();

    public string? GuestAddress => properties["guest.ipAddress"]?.Value;

    public MachinePower Power =>
        properties["runtime.powerState"]?.Value switch
        {
            "poweredOn" => MachinePower.PoweredOn,
            "suspended" => MachinePower.Suspended,
            _ => MachinePower.PoweredOff,
        };

    /// <summary>When it was last powered on, as the server writes it.</summary>
    public string? PoweredOnAt => properties["runtime.bootTime"]?.Value;

    public string? ConversionId => Option(HelperKeys.Conversion);

    public bool IsFinished => Option(HelperKeys.State) == HelperKeys.FinishedState;

    public string Location => properties["config.files.vmPathName"]?.Value ?? Name;

    public IEnumerable<XElement> Devices => properties["config.hardware.device"]?.Elements() ?? [];

    /// <summary>The question that the VM waits with until somebody answers; as a rule about a full datastore. Null: none.</summary>
    public string? Question => properties["runtime.question"].Text("text") is { Length: > 0 } text ? text : null;

    /// <summary>What others left at it.</summary>
    public IReadOnlyList<Finding> Findings =>
        [.. ForeignSnapshots.Judge(Name, properties["snapshot"], properties["runtime.consolidationNeeded"].AsFlag() == true)];

    /// <summary>In the order of the adapters. Null where there is none yet: an ESXi makes them at the first power-on.</summary>
    public IReadOnlyList<string?> MacAddresses =>
        [.. Adapters.Select(device => device.Text("macAddress") is { Length: > 0 } mac ? mac.ToLowerInvariant() : null)];

    /// <summary>What the finish is to give the adapters, in their order; null for one that keeps its own.</summary>
    public IReadOnlyList<string?> WantedMacAddresses => [.. Adapters.Select((_, index) => Option(HelperKeys.MacAddress + index))];

    /// <summary>In the order in which they were made.</summary>
    public IEnumerable<XElement> Adapters =>
        Devices
            .Where(device => device.Child("macAddress") is not null || device.Child("addressType") is not null)
            .OrderBy(device => device.Number("key"));

    public HelperAnnouncement? Announcement
    {
        get
        {
            try
            {
                return Option(HelperKeys.Announcement) is { } text
                    ? JsonSerializer.Deserialize(text, ProtocolJson.Default.HelperAnnouncement)
                    : null;
            }
            catch (JsonException)
            {
                // Nothing said yet, or half of it.
                return null;
            }
        }
    }

    public bool HasOptions(string prefix) =>
        OptionKeys.Any(key => key.StartsWith(prefix, StringComparison.Ordinal) && Option(key) is not null);

    public IReadOnlyList<string> OptionKeys => [.. Options.Select(Key).Distinct()];

    /// <summary>Servers that keep an old value beside a new one have the new one last.</summary>
    public string? Option(string key) =>
        Options.LastOrDefault(option => Key(option) == key)?.Text("value") is { Length: > 0 } value ? value : null;

    private IEnumerable<XElement> Options => properties["config.extraConfig"]?.Elements() ?? [];

    private static string Key(XElement option) => option.Text("key") ?? "";
}
