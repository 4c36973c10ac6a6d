using LinuxP2V.Lab.Demo;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;

namespace LinuxP2V.Lab.Commands;

/// <summary>Makes, starts, describes and stops the source machine, and judges a copy of it.</summary>
internal static class SourceCommand
{
    public static async Task BuildAsync(string machine, CancellationToken cancellationToken) =>
        Console.WriteLine((await GetImageAsync(machine, cancellationToken)).Folder);

    public static async Task StartAsync(string machine, CancellationToken cancellationToken)
    {
        var image = await GetImageAsync(machine, cancellationToken);
        var source = await SourceMachine.StartAsync(image, SourceFolder(machine), cancellationToken);
        var time = await source.WaitForSshAsync(cancellationToken);
        Console.WriteLine($"The source answers SSH after {time.TotalSeconds:F0} s.");
        Print(source);
    }

    public static async Task StopAsync(string machine, CancellationToken cancellationToken) =>
        await (await FindRunningAsync(machine, cancellationToken)).StopAsync();

    public static async Task DescribeAsync(string machine, CancellationToken cancellationToken)
    {
        var source = await FindRunningAsync(machine, cancellationToken);
        var description = await MachineDescription.ReadAsync(source.Root, cancellationToken);
        foreach (var (name, value) in description.Facts)
        {
            Console.WriteLine($"{name.PadRight(24)} {value}");
        }
    }

    /// <summary>The source is described, then switched off: nothing but the copy runs while it is judged.</summary>
    /// <returns>Exit code: 0 when the copy boots and equals its source.</returns>
    public static async Task<int> ProveAsync(string folder, string machine, CancellationToken cancellationToken)
    {
        var source = await FindRunningAsync(machine, cancellationToken);
        var before = await MachineDescription.ReadAsync(source.Root, cancellationToken);
        await source.StopAsync();
        var proof = await CopyProof.RunAsync(folder, source.Image.KeyFile, before, LabPaths.Run("proof"), cancellationToken);
        foreach (var line in proof.Table())
        {
            Console.WriteLine(line);
        }

        Console.WriteLine(proof.IsProven ? $"Proven; booted in {proof.Boot.TotalSeconds:F0} s." : $"Not proven.\n{proof.Reason()}");
        return proof.IsProven ? 0 : 1;
    }

    private static Task<SourceImage> GetImageAsync(string machine, CancellationToken cancellationToken) =>
        SourceImage.GetAsync(machine, Console.WriteLine, cancellationToken);

    private static string SourceFolder(string machine) => LabPaths.Run($"source-{machine}");

    /// <exception cref="LabException">It does not run.</exception>
    private static async Task<SourceMachine> FindRunningAsync(string machine, CancellationToken cancellationToken)
    {
        var folder = SourceFolder(machine);
        return SourceMachine.Find(await GetImageAsync(machine, cancellationToken), folder)
            ?? throw new LabException($"No source runs in {folder}.");
    }

    private static void Print(SourceMachine machine)
    {
        Console.WriteLine($"host      {machine.Host}");
        Console.WriteLine($"port      {machine.Port}");
        Console.WriteLine($"key       {machine.KeyFile} (root, admin, deploy)");
        Console.WriteLine($"password  in {machine.Image.PasswordFile} (admin: sudo asks for it; deploy: sudo does not)");
        Console.WriteLine(
            $"login     ssh -i {machine.KeyFile} -p {machine.Port} -o UserKnownHostsFile={machine.KnownHostsFile} root@{machine.Host}"
        );
    }
}
