namespace LinuxP2V.Engine.Destinations;

public enum AdapterKind
{
    Vmxnet3,
    E1000e,
    E1000,
    VirtioNet,
}
