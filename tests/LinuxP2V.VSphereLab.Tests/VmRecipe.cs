using System.Globalization;
using System.Security;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>A VM to create, as the schema orders it.</summary>
internal sealed record VmRecipe(string Name)
{
    public string Datacenter { get; init; } = "Lab";

    public string Compute { get; init; } = "Cluster1";

    public string Datastore { get; init; } = "datastore1";

    public string GuestId { get; init; } = "debian11_64Guest";

    public string Network { get; init; } = "VM Network";

    public string Controller { get; init; } = "ParaVirtualSCSIController";

    public string Firmware { get; init; } = "bios";

    public double DiskGB { get; init; } = 1;

    public bool IsThin { get; init; } = true;

    public int Unit { get; init; }

    /// <summary>In the place of the one disk.</summary>
    public IReadOnlyList<DiskRecipe> Disks { get; init; } = [];

    public int MemoryMB { get; init; } = 1024;

    public string? Iso { get; init; }

    public string? Settings { get; init; }

    public string? Host { get; init; }

    public async Task<string> CreateAsync(RawClient client) =>
        await client.RunAsync("CreateVM_Task", await client.FindAsync($"{Datacenter}/vm"), await ArgumentsAsync(client));

    public async Task<string> ArgumentsAsync(RawClient client)
    {
        var pool = await client.FindAsync($"{Datacenter}/host/{Compute}/Resources");
        var host = Host is null ? "" : RawClient.Reference("host", await client.FindAsync($"{Datacenter}/host/{Compute}/{Host}"));
        return $"<config>{Specification()}</config>{RawClient.Reference("pool", pool)}{host}";
    }

    public static string ExtraConfig(string key, string value) =>
        $"<extraConfig><key>{key}</key><value xsi:type=\"xsd:string\">{SecurityElement.Escape(value)}</value></extraConfig>";

    private string Specification() =>
        $"""
            <name>{Name}</name><guestId>{GuestId}</guestId><files><vmPathName>[{Datastore}]</vmPathName></files>
            <numCPUs>2</numCPUs><memoryMB>{MemoryMB}</memoryMB>
            {Storage()}
            {(Iso is null ? "" : Add(Cd()))}
            {Add(
                "<device xsi:type=\"VirtualVmxnet3\"><key>-4</key>"
                    + $"<backing xsi:type=\"VirtualEthernetCardNetworkBackingInfo\"><deviceName>{Network}</deviceName></backing></device>"
            )}
            {(Settings is null ? "" : ExtraConfig("guestinfo.linuxp2v.settings", Settings))}
            {(Iso is null ? "" : "<bootOptions><bootOrder xsi:type=\"VirtualMachineBootOptionsBootableCdromDevice\"/></bootOptions>")}
            <firmware>{Firmware}</firmware>
            """;

    private static string Add(string device, string fileOperation = "") =>
        $"<deviceChange><operation>add</operation>{fileOperation}{device}</deviceChange>";

    private string Storage()
    {
        var disks = Disks.Count > 0 ? Disks : [new DiskRecipe(Controller, 0, Unit, DiskGB * 1024)];
        var controllers = disks.Select(disk => (disk.Controller, disk.Bus)).Distinct().ToList();
        return string.Concat(
                controllers.Select((controller, index) => Add(ControllerDevice(controller.Controller, -100 - index, controller.Bus)))
            )
            + string.Concat(
                disks.Select(
                    (disk, index) =>
                        Add(
                            Disk(disk, -200 - index, -100 - controllers.IndexOf((disk.Controller, disk.Bus))),
                            "<fileOperation>create</fileOperation>"
                        )
                )
            );
    }

    private static string ControllerDevice(string type, int key, int bus) =>
        $"<device xsi:type=\"{type}\"><key>{key}</key><busNumber>{bus}</busNumber>"
        + (type is "VirtualAHCIController" or "VirtualNVMEController" ? "" : "<sharedBus>noSharing</sharedBus>")
        + "</device>";

    private string Disk(DiskRecipe disk, int key, int controller) =>
        $"""
            <device xsi:type="VirtualDisk"><key>{key}</key>
            <backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[{Datastore}]</fileName>
            <diskMode>persistent</diskMode><thinProvisioned>{(IsThin ? "true" : "false")}</thinProvisioned></backing>
            <controllerKey>{controller}</controllerKey><unitNumber>{disk.Unit}</unitNumber><capacityInKB>{(disk.SizeMB * 1024).ToString(
                CultureInfo.InvariantCulture
            )}</capacityInKB></device>
            """;

    private string Cd() =>
        $"""
            <device xsi:type="VirtualCdrom"><key>-3</key>
            <backing xsi:type="VirtualCdromIsoBackingInfo"><fileName>[{Datastore}] {Iso}</fileName></backing>
            <connectable><startConnected>true</startConnected><allowGuestControl>true</allowGuestControl>
            <connected>true</connected></connectable>
            <controllerKey>200</controllerKey><unitNumber>0</unitNumber></device>
            """;
}

/// <param name="Controller">vSphere's type; a controller for each type and bus.</param>
/// <param name="Bus">SCSI controllers of all types count together.</param>
internal sealed record DiskRecipe(string Controller, int Bus, int Unit, double SizeMB);
