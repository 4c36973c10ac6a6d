using System.Net.Sockets;
using System.Text.Json;
using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>The real helper image, booted by QEMU from a CD that was uploaded over HTTP.</summary>
public sealed class HelperBootTests
{
    private const string FirstKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ00 FIRST";
    private const string Settings =
        $$"""{"conversionId":"c1","authorizedKey":"{{FirstKey}}","network":{"addresses":[],"gateways":[],"dnsServers":[] } }""";

    // Half a minute on an idle machine; one that is shared can give QEMU a twentieth of a processor.
    private static readonly TimeSpan BootTimeout = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task A_VM_boots_the_helper_which_announces_itself_takes_new_settings_and_tells_its_disks_apart()
    {
        var image = Path.Combine(LabPaths.Output, "linuxp2v-helper.iso");
        Assert.True(File.Exists(image), $"{image} is missing: ./build.sh iso makes it.");
        var keys = Directory.CreateDirectory(CallsFixture.NewFolder()).FullName;
        var keyFile = Path.Combine(keys, "key");
        (
            await Command.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "SECOND", "-f", keyFile], CancellationToken.None)
        ).OrThrow("No key");
        var secondKey = (await File.ReadAllTextAsync(keyFile + ".pub")).Trim();
        string address;
        int process;
        await using (var lab = await VSphereLab.StartAsync(new VSphereLabOptions { Folder = CallsFixture.NewFolder() }))
        {
            using var client = await RawClient.LoginAsync(lab);
            await using (var content = File.OpenRead(image))
            {
                using var put = await client.PutAsync("helper.iso", "datastore1", new StreamContent(content));
                put.EnsureSuccessStatusCode();
            }

            var vm = await new VmRecipe("helper")
            {
                Iso = "helper.iso",
                Settings = Settings,
                Disks = HelperDisks.Recipes,
            }.CreateAsync(client);
            await client.RunAsync("PowerOnVM_Task", vm);
            var state = (await lab.Control.StateAsync()).Vm("helper");
            process = state.ProcessId;
            Assert.True(GuestTests.IsAlive(process));

            var first = await AnnouncementAsync(client, vm, "FIRST", state);

            address = first.GetProperty("addresses")[0].GetString()!;
            Assert.Equal((state.Address, state.Address), (address, await client.PropertyAsync(vm, "guest.ipAddress")));
            // The helper speaks of its sshd when that was started: under load it listens a moment later.
            await FaultInjectionTests.UntilAsync(async () =>
                (await GreetingAsync(address)).StartsWith("SSH-2.0-", StringComparison.Ordinal)
            );

            await client.RunAsync(
                "ReconfigVM_Task",
                vm,
                "<spec>"
                    + VmRecipe.ExtraConfig("guestinfo.linuxp2v.settings", Settings.Replace(FirstKey, secondKey, StringComparison.Ordinal))
                    + "</spec>"
            );
            var second = await AnnouncementAsync(client, vm, "SECOND", state);
            Assert.Equal(first.GetProperty("bootId").GetString(), second.GetProperty("bootId").GetString());

            await HelperDisks.PrepareAsync(address, keyFile, "c1", BootTimeout);
            Assert.All(await HelperDisks.IdentifiersAsync(state.Folder, "helper"), disk => Assert.Equal(disk.Expected, disk.Found));

            // As a crash: nobody asked for a power-off.
            await lab.Control.TreatVmAsync("helper", "kill");
            await FaultInjectionTests.UntilAsync(async () => await client.PropertyAsync(vm, "runtime.powerState") == "poweredOff");
            Assert.DoesNotContain("guestinfo.linuxp2v.announcement", await client.ExtraConfigAsync(vm));
            await client.RunAsync("PowerOnVM_Task", vm);
            process = (await lab.Control.StateAsync()).Vm("helper").ProcessId;
        }

        Directory.Delete(keys, recursive: true);
        Assert.False(GuestTests.IsAlive(process));
        Assert.Equal("", await GreetingAsync(address));
    }

    private static async Task<JsonElement> AnnouncementAsync(RawClient client, string vm, string key, VSphereLabVm state)
    {
        for (var end = DateTime.UtcNow + BootTimeout; DateTime.UtcNow < end; await Task.Delay(500))
        {
            if (
                (await client.ExtraConfigAsync(vm)).TryGetValue("guestinfo.linuxp2v.announcement", out var text)
                && JsonSerializer.Deserialize<JsonElement>(text) is var announcement
                && announcement.GetProperty("authorizedKey").GetString()!.EndsWith(key, StringComparison.Ordinal)
            )
            {
                return announcement;
            }
        }

        throw new TimeoutException($"No announcement of {key}: {await File.ReadAllTextAsync(Path.Combine(state.Folder, "serial0.log"))}");
    }

    /// <returns>Empty when nobody answers.</returns>
    private static async Task<string> GreetingAsync(string address)
    {
        using var socket = new TcpClient();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await socket.ConnectAsync(address, 22, timeout.Token);
            using var reader = new StreamReader(socket.GetStream());
            return await reader.ReadLineAsync(timeout.Token) ?? "";
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return "";
        }
    }
}
