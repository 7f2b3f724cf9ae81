import sys,time,numpy as np, chainrule as cr
T=int(sys.argv[1])
rng=np.random.default_rng(1)
ys=np.cumsum(rng.normal(size=(T,2)),axis=0)
def kalman(logq,logr):
        dt=0.1
        F=np.eye(4); F[0,2]=dt; F[1,3]=dt
        H=np.zeros((2,4)); H[0,0]=1;H[1,1]=1
        q=np.exp(logq); 
        G=np.array([[dt**2/2,0],[0,dt**2/2],[dt,0],[0,dt]])
        Q=q*G@G.T+1e-6*np.eye(4)
        R=np.diag(np.exp(logr))
        x=np.zeros(4); P=np.eye(4)*10.
        ll=0.
        for y in ys:
            x=F@x; P=F@P@F.T+Q
            e=y-H@x
            S=H@P@H.T+R
            K=np.linalg.solve(S,H@P).T
            x=x+K@e
            P=(np.eye(4)-K@H)@P
            P=0.5*(P+P.T)
            sign,ld=np.linalg.slogdet(S)
            ll-=0.5*(e@np.linalg.solve(S,e)+ld+2*np.log(2*np.pi))
        return ll
if __name__=="__main__":
    a=(.3,np.array([.1,-.2]))
    t=time.perf_counter(); g=cr.trace(kalman)(*a); print('trace',time.perf_counter()-t,len(g.equations))
    c=cr.compile(kalman)
    t=time.perf_counter(); print(c(*a)); print('compile',time.perf_counter()-t)
    if len(sys.argv)>2: print(len(c.source.splitlines())); open('src%d.txt'%T,'w').write(c.source)
    t=time.perf_counter(); c(*a); print('run',time.perf_counter()-t)
    t=time.perf_counter(); kalman(*a); print('numpy',time.perf_counter()-t)
