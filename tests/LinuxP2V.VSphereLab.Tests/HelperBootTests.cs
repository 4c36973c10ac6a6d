using System.Net.Sockets;
using System.Text.Json;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>The real helper image, booted by QEMU from a CD that was uploaded over HTTP.</summary>
public sealed class HelperBootTests
{
    private const string Settings = """{"conversionId":"c1","authorizedKey":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ00 FIRST","network":{"addresses":[],"gateways":[],"dnsServers":[]}}""";
    private static readonly TimeSpan s_bootPatience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task A_VM_boots_the_helper_which_announces_itself_and_takes_new_settings()
    {
        var image = Path.Combine(LabPaths.Output, "linuxp2v-helper.iso");
        Assert.True(File.Exists(image), $"{image} is missing: ./build.sh iso makes it.");
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

            var vm = await new VmRecipe("helper") { Iso = "helper.iso", Settings = Settings }.CreateAsync(client);
            await client.RunAsync("PowerOnVM_Task", vm);
            var state = (await lab.Control.StateAsync()).Vm("helper");
            process = state.ProcessId;
            Assert.True(GuestTests.IsAlive(process));

            var first = await AnnouncementAsync(client, vm, "FIRST", state);

            address = first.GetProperty("addresses")[0].GetString()!;
            Assert.Equal((state.Address, state.Address), (address, await client.PropertyAsync(vm, "guest.ipAddress")));
            Assert.StartsWith("SSH-2.0-", await GreetingAsync(address), StringComparison.Ordinal);

            await client.RunAsync("ReconfigVM_Task", vm, $"<spec>{VmRecipe.ExtraConfig("guestinfo.linuxp2v.settings", Settings.Replace("FIRST", "SECOND", StringComparison.Ordinal))}</spec>");
            var second = await AnnouncementAsync(client, vm, "SECOND", state);
            Assert.Equal(first.GetProperty("bootId").GetString(), second.GetProperty("bootId").GetString());

            // As a crash: nobody asked for a power-off.
            await lab.Control.TreatVmAsync("helper", "kill");
            await FaultInjectionTests.UntilAsync(async () => await client.PropertyAsync(vm, "runtime.powerState") == "poweredOff");
            Assert.DoesNotContain("guestinfo.linuxp2v.announcement", await client.ExtraConfigAsync(vm));
            await client.RunAsync("PowerOnVM_Task", vm);
            process = (await lab.Control.StateAsync()).Vm("helper").ProcessId;
        }

        Assert.False(GuestTests.IsAlive(process));
        await Assert.ThrowsAnyAsync<SocketException>(() => GreetingAsync(address));
    }

    private static async Task<JsonElement> AnnouncementAsync(RawClient client, string vm, string key, VSphereLabVm state)
    {
        for (var end = DateTime.UtcNow + s_bootPatience; DateTime.UtcNow < end; await Task.Delay(500))
        {
            if ((await client.ExtraConfigAsync(vm)).TryGetValue("guestinfo.linuxp2v.announcement", out var text)
                && JsonSerializer.Deserialize<JsonElement>(text) is var announcement
                && announcement.GetProperty("authorizedKey").GetString()!.EndsWith(key, StringComparison.Ordinal))
            {
                return announcement;
            }
        }

        throw new TimeoutException($"No announcement of {key}: {await File.ReadAllTextAsync(Path.Combine(state.Folder, "serial0.log"))}");
    }

    private static async Task<string> GreetingAsync(string address)
    {
        using var socket = new TcpClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await socket.ConnectAsync(address, 22, patience.Token);
        using var reader = new StreamReader(socket.GetStream());
        return await reader.ReadLineAsync(patience.Token) ?? "";
    }
}
