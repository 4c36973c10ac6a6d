using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using LinuxP2V.Lab.VSphere;

namespace LinuxP2V.Lab.Commands;

/// <summary>The console: dotnet run --project tests/lab/LinuxP2V.Lab -- COMMAND.</summary>
internal static class LabCommands
{
    private const string Usage = """
        source build [bios|uefi]   make the source machine's disks, or find them in the cache
        source start [bios|uefi]   start it on a fresh overlay and wait for its SSH
        source stop  [bios|uefi]   pull its plug
        source describe [bios|uefi]   what the running source says of itself
        vsphere [esx]   run a vCenter, or an ESXi, until Ctrl+C
        prove VM-FOLDER [bios|uefi]   start a VM alone and compare it with the running source
        demo [bios|uefi] [vsphere]   convert the source with the example script and prove the copy; vsphere: in the lab's vCenter
        summarize FOLDER PROJECT...   add up the projects' test results
        """;

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        switch (arguments)
        {
            case ["prove", var folder, .. var rest]:
                return await ProveAsync(folder, Firmware(rest), cancellationToken);
            case ["demo", .. var rest]:
                return await DemoRun.RunAsync(Firmware([.. rest.Where(word => word != "vsphere")]), rest.Contains("vsphere"), cancellationToken);
            case ["vsphere"]:
                return await VSphereCommand.RunAsync(VSphereModel.VCenter, cancellationToken);
            case ["vsphere", "esx"]:
                return await VSphereCommand.RunAsync(VSphereModel.Esx, cancellationToken);
            case ["summarize", var folder, .. var projects]:
                return TestSummary.Write(folder, projects);
            case ["source", var verb, .. var rest]:
                await SourceAsync(verb, Firmware(rest), cancellationToken);
                return 0;
            default:
                await Console.Error.WriteLineAsync(Usage);
                return 64;
        }
    }

    private static async Task SourceAsync(string verb, LabFirmware firmware, CancellationToken cancellationToken)
    {
        var image = await SourceImage.GetAsync(firmware, Console.WriteLine, cancellationToken);
        var folder = SourceFolder(firmware);
        switch (verb)
        {
            case "build":
                Console.WriteLine(image.Folder);
                break;
            case "start":
                var machine = await SourceMachine.StartAsync(image, folder, cancellationToken);
                var time = await machine.WaitForSshAsync(cancellationToken);
                Console.WriteLine($"The source answers SSH after {time.TotalSeconds:F0} s.");
                Print(machine);
                break;
            case "stop":
                await Running(image, folder).StopAsync();
                break;
            case "describe":
                var description = await MachineDescription.ReadAsync(Running(image, folder).Root, cancellationToken);
                foreach (var (name, value) in description.Facts)
                {
                    Console.WriteLine($"{name,-24} {value}");
                }

                break;
            default:
                throw new LabException($"No such command: source {verb}.\n{Usage}");
        }
    }

    /// <summary>The source is described, then switched off: nothing but the copy runs while it is judged.</summary>
    private static async Task<int> ProveAsync(string folder, LabFirmware firmware, CancellationToken cancellationToken)
    {
        var image = await SourceImage.GetAsync(firmware, Console.WriteLine, cancellationToken);
        var source = Running(image, SourceFolder(firmware));
        var before = await MachineDescription.ReadAsync(source.Root, cancellationToken);
        await source.StopAsync();
        var proof = await CopyProof.RunAsync(folder, image.KeyFile, before, LabPaths.Run("proof"), cancellationToken);
        foreach (var line in proof.Table())
        {
            Console.WriteLine(line);
        }

        Console.WriteLine(proof.IsProven ? $"Proven; booted in {proof.Boot.TotalSeconds:F0} s." : $"Not proven.\n{proof.Reason()}");
        return proof.IsProven ? 0 : 1;
    }

    private static string SourceFolder(LabFirmware firmware) => LabPaths.Run($"source-{SourceImage.Name(firmware)}");

    private static void Print(SourceMachine machine)
    {
        Console.WriteLine($"host      {machine.Host}");
        Console.WriteLine($"port      {machine.Port}");
        Console.WriteLine($"key       {machine.KeyFile} (root, admin, deploy)");
        Console.WriteLine($"password  in {machine.Image.PasswordFile} (admin: sudo asks for it; deploy: sudo does not)");
        Console.WriteLine($"login     ssh -i {machine.KeyFile} -p {machine.Port} -o UserKnownHostsFile={machine.KnownHostsFile} root@{machine.Host}");
    }

    private static SourceMachine Running(SourceImage image, string folder) =>
        SourceMachine.Find(image, folder) ?? throw new LabException($"No source runs in {folder}.");

    private static LabFirmware Firmware(string[] arguments) => arguments switch
    {
        [] or ["bios"] => LabFirmware.Bios,
        ["uefi"] => LabFirmware.Uefi,
        _ => throw new LabException($"Firmware is bios or uefi, not {string.Join(' ', arguments)}."),
    };
}
