using System.Diagnostics;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Lab.Machines;
using LinuxP2V.Lab.Proof;
using LinuxP2V.Lab.VSphere;

namespace LinuxP2V.Lab.Demo;

/// <summary>The lab's vCenter: the VM is made, booted and handed over through the vSphere API, QEMU behind it.</summary>
public sealed class VSphereDemo : DemoDestination
{
    private static readonly TimeSpan BootTimeout = TimeSpan.FromMinutes(12);

    private readonly string folder;
    private readonly Action<string> log;
    private readonly LoopbackAddress address;
    private string machineName = "";

    private VSphereDemo(string folder, Action<string> log, LoopbackAddress address, VSphereLab lab)
    {
        this.folder = folder;
        this.log = log;
        this.address = address;
        Lab = lab;
    }

    public VSphereLab Lab { get; }

    public override string SourceHost => address.Address;

    public static async Task<VSphereDemo> StartAsync(string folder, Action<string> log, CancellationToken cancellationToken)
    {
        var address = await LoopbackAddress.TakeAsync(cancellationToken);
        try
        {
            var lab = await VSphereLab.StartAsync(new VSphereLabOptions { Folder = Path.Combine(folder, "vsphere") }, cancellationToken);
            log($"A vCenter answers at https://{lab.Address}:{lab.Port}/sdk, certificate {lab.ThumbprintSha256}.");
            return new VSphereDemo(folder, log, address, lab);
        }
        catch
        {
            await address.DisposeAsync();
            throw;
        }
    }

    /// <summary>The scripts that convert in this lab.</summary>
    public ScriptConversion Script => field ??= new ScriptConversion(folder, log);

    public override Task<Conversion> ConvertAsync(SourceMachine source, string name, CancellationToken cancellationToken)
    {
        machineName = name;
        return Script.RunOnVSphereAsync(source, Lab, name, cancellationToken);
    }

    /// <summary>The conversion's last step was to power it on, through the API: it boots already.</summary>
    public override async Task<CopyProof.Result> ProveAsync(
        Conversion conversion,
        SourceImage image,
        MachineDescription source,
        CancellationToken cancellationToken
    )
    {
        var clock = Stopwatch.StartNew();
        var machine = (await Lab.Control.StateAsync(cancellationToken)).Vm(machineName);
        var proof = Directory.CreateDirectory(Path.Combine(folder, "proof")).FullName;
        var login = new SshLogin(22, image.KeyFile, Path.Combine(proof, "known_hosts"), host: machine.Address);
        var booting = new BootingMachine(machine.ProcessId, Path.Combine(machine.Folder, "serial0.log"));
        await login.WaitAsync(booting, BootTimeout, cancellationToken);
        return await CopyProof.JudgeAsync(login, clock.Elapsed, source, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await Lab.DisposeAsync();
        await address.DisposeAsync();
    }
}
