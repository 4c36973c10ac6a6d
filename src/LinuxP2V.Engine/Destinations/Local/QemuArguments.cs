using System.Globalization;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>
/// QEMU's command line for a machine, run in its folder: file names are relative, so that a folder can be moved and no
/// socket path is too long. Helper and finished VM get the same hardware at the same PCI places.
/// </summary>
internal static class QemuArguments
{
    /// <summary>The helper unpacks its system into memory.</summary>
    private const long HelperMemory = 768L * 1024 * 1024;

    /// <summary>
    /// For the helper on an emulated processor. QEMU 7.2 emulates these instructions more slowly than it runs what programs
    /// do without them: OpenSSL's AES-GCM encrypts 7 MB/s with them and 51 MB/s without. A finished VM keeps them, since
    /// some distributions do not start without AVX2.
    /// </summary>
    private const string FastEmulatedCpu = "max,-avx,-avx2,-pclmulqdq";

    private const int FirstControllerSlot = 4;
    private const int FirstAdapterSlot = 16;
    private const int HelperImageSlot = 30;

    /// <summary>Options without accelerator, process control and whatever a start by hand needs otherwise.</summary>
    /// <param name="accelerator">QEMU's name of it: kvm or tcg.</param>
    /// <param name="sshPort">A number, or what a script puts in its place.</param>
    public static IReadOnlyList<string[]> Hardware(MachineDescription description, string accelerator, string sshPort)
    {
        var isHelper = description.State == MachineState.Helper;
        var machine = description.Machine;
        var memory = isHelper ? Math.Max(HelperMemory, machine.MemoryBytes) : machine.MemoryBytes;
        List<string[]> options =
        [
            ["-name", Escape(machine.Name)],
            ["-uuid", description.Uuid],
            // Like VMware's board it has no AHCI controller of its own, which would count as the first.
            ["-machine", "pc"],
            ["-cpu", isHelper && accelerator == "tcg" ? FastEmulatedCpu : "max"],
            ["-smp", Processors(machine)],
            ["-m", Number(memory / (1024 * 1024)) + "M"],
            ["-rtc", "base=utc"],
            ["-nodefaults"],
            ["-vga", "std"],
        ];
        if (description.FirmwarePath is { } firmware)
        {
            options.Add(["-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={Escape(firmware)}"]);
            options.Add(["-drive", $"if=pflash,unit=1,format=raw,file={MachineFolder.Nvram}"]);
        }

        AddDisks(options, description, isHelper ? 1 : 0);
        if (isHelper)
            AddHelper(options, description);
        else
            options.Add(["-serial", "file:" + MachineFolder.ConsoleLog]);

        if (!isHelper && description.TwinOf is not null)
            options.Add(["-serial", "file:" + MachineFolder.BootReport]);

        AddAdapters(options, description, sshPort);
        return options;
    }

    public static IReadOnlyList<string> RequiredDevices(MachineSpecification machine) =>
        [
            .. machine
                .Disks.SelectMany(disk => new[] { ControllerModel(disk.Address.Controller), DiskModel(disk.Address.Controller) })
                .Concat(machine.Adapters.Select(adapter => AdapterModel(adapter.Kind)))
                .Distinct(),
        ];

    /// <summary>QEMU reads a comma as the end of a value.</summary>
    private static string Escape(string value) => value.Replace(",", ",,");

    private static string Processors(MachineSpecification machine) =>
        machine.CoresPerSocket is { } cores
            ? $"{Number(machine.NumCpu)},sockets={Number(machine.NumCpu / cores)},cores={Number(cores)},threads=1"
            : Number(machine.NumCpu);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static void AddHelper(List<string[]> options, MachineDescription description)
    {
        // First of all: a disk that has a table but no boot code yet hangs SeaBIOS before it comes to the CD.
        options.Add(["-boot", "strict=on"]);
        options.Add(["-drive", $"if=none,id=cd0,media=cdrom,readonly=on,format=raw,file={Escape(description.HelperImagePath)}"]);
        // Not on the board's IDE: there the BIOS reads word by word, which costs seconds. Behind all disks' controllers, so
        // that it does not count among them.
        options.Add(["-device", $"ich9-ahci,id=cd,addr=0x{HelperImageSlot.ToString("x", CultureInfo.InvariantCulture)}"]);
        options.Add(["-device", "ide-cd,drive=cd0,bus=cd.0,bootindex=0"]);
        options.Add(["-fw_cfg", $"name=opt/linuxp2v/settings,file={MachineFolder.Settings}"]);
        options.Add(["-chardev", $"file,id=serial0,path={MachineFolder.HelperLog},append=on"]);
        options.Add(["-device", "isa-serial,chardev=serial0,index=0"]);
        options.Add([
            "-chardev",
            $"socket,id=serial1,path={MachineFolder.HelperSocket},server=on,wait=off,logfile={MachineFolder.HelperLines},logappend=on",
        ]);
        options.Add(["-device", "isa-serial,chardev=serial1,index=1"]);
    }

    private static void AddDisks(List<string[]> options, MachineDescription description, int bootIndex)
    {
        var disks = description.Machine.Disks;
        var slot = FirstControllerSlot;
        foreach (
            var group in disks
                .GroupBy(disk => (disk.Address.Controller, disk.Address.Bus))
                .OrderBy(group => group.Key.Controller)
                .ThenBy(group => group.Key.Bus)
        )
        {
            var id = $"ctl{Number((int)group.Key.Controller)}x{Number(group.Key.Bus)}";
            var serial = group.Key.Controller == DiskController.Nvme ? $",serial=linuxp2v-{Number(group.Key.Bus)}" : "";
            options.Add([
                "-device",
                $"{ControllerModel(group.Key.Controller)},id={id},addr=0x{(slot++).ToString("x", CultureInfo.InvariantCulture)}{serial}",
            ]);
            foreach (var disk in group)
            {
                var number = IndexOf(disks, disk);
                options.Add([
                    "-drive",
                    $"if=none,id=disk{Number(number)},format={description.DriveFormat},discard=unmap,file={description.DiskFiles[number]}",
                ]);
                var boot = number == 0 ? $",bootindex={Number(bootIndex)}" : "";
                options.Add([
                    "-device",
                    $"{DiskModel(disk.Address.Controller)},drive=disk{Number(number)},{Place(disk.Address, id, number)}{boot}",
                ]);
            }
        }
    }

    private static int IndexOf(IReadOnlyList<DiskSpecification> disks, DiskSpecification disk) =>
        Enumerable.Range(0, disks.Count).First(index => disks[index].Address == disk.Address);

    private static string Place(DiskAddress address, string controllerId, int number) =>
        address.Controller switch
        {
            DiskController.Ahci => $"bus={controllerId}.{Number(address.Unit)}",
            DiskController.Nvme => $"bus={controllerId},nsid={Number(address.Unit + 1)}",
            // Linux sees no disk behind QEMU's SAS chip that has no world-wide name.
            DiskController.LsiLogicSas => $"bus={controllerId}.0,scsi-id={Number(address.Unit)},"
                + $"wwn=0x5000c500a0{number.ToString("x6", CultureInfo.InvariantCulture)}",
            _ => $"bus={controllerId}.0,scsi-id={Number(address.Unit)}",
        };

    private static void AddAdapters(List<string[]> options, MachineDescription description, string sshPort)
    {
        for (var index = 0; index < description.Machine.Adapters.Count; index++)
        {
            var forward = index == 0 ? $",hostfwd=tcp:127.0.0.1:{sshPort}-:22" : "";
            // A twin shall reach nobody: it believes itself to be its source.
            var isolation = description.TwinOf is null ? "" : ",restrict=on";
            options.Add(["-netdev", $"user,id=net{Number(index)}{isolation}{forward}"]);
            // No boot ROM: the firmware would try the network for minutes.
            options.Add([
                "-device",
                $"{AdapterModel(description.Machine.Adapters[index].Kind)},netdev=net{Number(index)},mac={description.MacAddresses[index]},"
                    + $"addr=0x{(FirstAdapterSlot + index).ToString("x", CultureInfo.InvariantCulture)},romfile=",
            ]);
        }
    }

    private static string ControllerModel(DiskController controller) =>
        controller switch
        {
            DiskController.Pvscsi => "pvscsi",
            DiskController.LsiLogicSas => "mptsas1068",
            DiskController.LsiLogic => "lsi53c895a",
            DiskController.Ahci => "ich9-ahci",
            DiskController.Nvme => "nvme",
            _ => "virtio-scsi-pci",
        };

    private static string DiskModel(DiskController controller) =>
        controller switch
        {
            DiskController.Ahci => "ide-hd",
            DiskController.Nvme => "nvme-ns",
            _ => "scsi-hd",
        };

    private static string AdapterModel(AdapterKind kind) =>
        kind switch
        {
            AdapterKind.Vmxnet3 => "vmxnet3",
            AdapterKind.E1000e => "e1000e",
            AdapterKind.E1000 => "e1000",
            _ => "virtio-net-pci",
        };
}
