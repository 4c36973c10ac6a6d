using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;

namespace LinuxP2V.Lab.Commands;

/// <summary>The console: dotnet run --project tests/lab/LinuxP2V.Lab -- COMMAND.</summary>
internal static class LabCommands
{
    private const string Usage = """
        source build [bios|uefi]   make the source machine's disks, or find them in the cache
        source start [bios|uefi]   start it on a fresh overlay and wait for its SSH
        source stop  [bios|uefi]   pull its plug
        source describe [bios|uefi]   what the running source says of itself
        prove VM-FOLDER [bios|uefi]   boot a converted VM beside the running source's description, and compare
        """;

    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        switch (arguments)
        {
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
        var folder = LabPaths.Run($"source-{SourceImage.Name(firmware)}");
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

    private static void Print(SourceMachine machine)
    {
        Console.WriteLine($"host      {SourceMachine.Host}");
        Console.WriteLine($"port      {machine.Port}");
        Console.WriteLine($"key       {machine.KeyFile} (root, admin, deploy)");
        Console.WriteLine($"password  in {machine.Image.PasswordFile} (admin: sudo asks for it; deploy: sudo does not)");
        Console.WriteLine($"login     ssh -i {machine.KeyFile} -p {machine.Port} -o UserKnownHostsFile={machine.KnownHostsFile} root@{SourceMachine.Host}");
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
